using System;
using System.IO;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;

/// <summary>One method for all calls of the API, and the Problem it throws.</summary>
static class Client
{
    static readonly string Url = Environment.GetEnvironmentVariable("ONESIXTY_URL") ?? "http://127.0.0.1:8160";
    static readonly HttpClient Http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Returns the decoded response. Throws Problem, or HttpRequestException and others if there is no response.</summary>
    public static async Task<T> Call<T>(HttpMethod method, string path, object body = null, string idempotencyKey = null)
    {
        using (var request = new HttpRequestMessage(method, Url + path))
        {
            request.Headers.Add("Authorization", "Bearer " + Environment.GetEnvironmentVariable("ONESIXTY_KEY"));
            if (idempotencyKey != null) request.Headers.Add("Idempotency-Key", idempotencyKey);
            if (body != null) request.Content = new StringContent(Write(body), Encoding.UTF8, "application/json");
            using (var answer = await Http.SendAsync(request))
            {
                var content = await answer.Content.ReadAsByteArrayAsync();
                if (answer.IsSuccessStatusCode) return Read<T>(content);
                throw new Problem(Read<Refusal>(content), answer.Headers.RetryAfter?.Delta);
            }
        }
    }

    public static T Read<T>(byte[] json)
    {
        using (var stream = new MemoryStream(json))
            return (T)new DataContractJsonSerializer(typeof(T)).ReadObject(stream);
    }

    static string Write(object value)
    {
        using (var stream = new MemoryStream())
        {
            new DataContractJsonSerializer(value.GetType()).WriteObject(stream, value);
            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }
}

/// <summary>A refused request. Use Code in programs; Retryable says whether the same request can succeed later.</summary>
class Problem : Exception
{
    public readonly string Code;
    public readonly bool Retryable;
    public readonly TimeSpan? RetryAfter;

    public Problem(Refusal refusal, TimeSpan? retryAfter) : base(refusal.Code + ": " + refusal.Detail)
    {
        Code = refusal.Code;
        Retryable = refusal.Retryable;
        RetryAfter = retryAfter;
    }
}

[DataContract]
class Refusal
{
    [DataMember(Name = "code")] public string Code;
    [DataMember(Name = "detail")] public string Detail;
    [DataMember(Name = "retryable")] public bool Retryable;
    [DataMember(Name = "index")] public int Index;
}

[DataContract]
class Message
{
    [DataMember(Name = "id")] public string Id;
    [DataMember(Name = "status")] public string Status;
    [DataMember(Name = "to")] public string To;
    [DataMember(Name = "created_at")] public string CreatedAt;
}
