using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

/// <summary>Receives webhooks, verifies them, and replies to incoming messages.</summary>
static class Receive
{
    static readonly byte[] Secret = Convert.FromBase64String(
        (Environment.GetEnvironmentVariable("WEBHOOK_SECRET") ?? "").Replace("whsec_", ""));

    [DataContract]
    class Event
    {
        [DataMember(Name = "id")] public string Id;
        [DataMember(Name = "type")] public string Type;
        [DataMember(Name = "data")] public Message Data;
    }

    [DataContract]
    class Reply
    {
        [DataMember(Name = "text")] public string Text;
    }

    public static async Task Run()
    {
        var listener = new HttpListener();
        var port = Environment.GetEnvironmentVariable("PORT") ?? "9000";
        listener.Prefixes.Add("http://127.0.0.1:" + port + "/");
        listener.Start();
        while (true) _ = Take(await listener.GetContextAsync());
    }

    static async Task Take(HttpListenerContext context)
    {
        context.Response.StatusCode = 500; // the event comes again
        try
        {
            var stream = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(stream);
            var body = stream.ToArray();
            if (!IsGenuine(context.Request.Headers.Get, body))
            {
                context.Response.StatusCode = 400;
                return;
            }
            var received = Client.Read<Event>(body);
            Console.WriteLine(received.Type + " " + received.Data.Id);
            if (received.Type == "message.received")
            {
                // An event may arrive twice. Its id as the key prevents a second reply.
                var reply = new Reply { Text = "Thank you, we got your message." };
                var path = "/v1/messages/" + received.Data.Id + "/reply";
                await Client.Call<Message>(HttpMethod.Post, path, reply, received.Id);
            }
            context.Response.StatusCode = 204;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine(failure);
        }
        finally
        {
            context.Response.Close();
        }
    }

    /// <summary>Whether a signature is valid and at most five minutes old (Standard Webhooks).</summary>
    static bool IsGenuine(Func<string, string> header, byte[] body)
    {
        long timestamp;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (!long.TryParse(header("webhook-timestamp"), out timestamp) || Math.Abs(now - timestamp) > 300) return false;
        var signed = Encoding.UTF8.GetBytes(header("webhook-id") + "." + timestamp + ".").Concat(body).ToArray();
        using (var mac = new HMACSHA256(Secret))
        {
            var expected = "v1," + Convert.ToBase64String(mac.ComputeHash(signed));
            return (header("webhook-signature") ?? "").Split(' ').Any(given => SameText(given, expected));
        }
    }

    /// <summary>Takes the same time for any two texts of the same length.</summary>
    static bool SameText(string one, string other)
    {
        if (one.Length != other.Length) return false;
        int difference = 0;
        for (int i = 0; i < one.Length; i++) difference |= one[i] ^ other[i];
        return difference == 0;
    }
}
