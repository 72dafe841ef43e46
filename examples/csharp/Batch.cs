using System;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Threading.Tasks;

/// <summary>Sends one text to many recipients: batch TEXT TO TO ...</summary>
static class Batch
{
    [DataContract]
    class Body
    {
        [DataMember(Name = "from")] public string From = "YourBrand";
        [DataMember(Name = "to")] public string[] To;
        [DataMember(Name = "text")] public string Text;
    }

    [DataContract]
    class Accepted
    {
        [DataMember(Name = "index")] public int Index;
        [DataMember(Name = "message_id")] public string MessageId;
    }

    [DataContract]
    class Answer
    {
        [DataMember(Name = "messages")] public Accepted[] Messages;
        [DataMember(Name = "refusals")] public Refusal[] Refusals;
    }

    public static async Task Run(string text, string[] numbers)
    {
        var body = new Body { To = numbers, Text = text };
        var batch = await Client.Call<Answer>(HttpMethod.Post, "/v1/sms/batch", body);
        foreach (var message in batch.Messages) Console.WriteLine(numbers[message.Index] + " " + message.MessageId);
        foreach (var refusal in batch.Refusals) Console.WriteLine(numbers[refusal.Index] + " " + refusal.Code);
    }
}
