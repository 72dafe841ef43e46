using System;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Threading.Tasks;

/// <summary>Sends a message: send TO TEXT</summary>
static class Send
{
    [DataContract]
    public class Body
    {
        [DataMember(Name = "from")] public string From = "YourBrand";
        [DataMember(Name = "to")] public string To;
        [DataMember(Name = "text")] public string Text;
    }

    public static async Task Run(string to, string text)
    {
        var message = await Client.Call<Message>(HttpMethod.Post, "/v1/sms/send", new Body { To = to, Text = text });
        Console.WriteLine(message.Id + " " + message.Status);
    }
}
