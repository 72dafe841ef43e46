using System;
using System.Linq;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Threading.Tasks;

/// <summary>Follows a message to its end, then lists all messages to the same number: follow MESSAGE_ID</summary>
static class Follow
{
    static readonly string[] Waiting = { "scheduled", "queued", "held", "sent" };

    [DataContract]
    class Page
    {
        [DataMember(Name = "data")] public Message[] Data;
        [DataMember(Name = "next")] public string Next;
    }

    public static async Task Run(string id)
    {
        Message message;
        while (true)
        {
            message = await Client.Call<Message>(HttpMethod.Get, "/v1/messages/" + id);
            Console.WriteLine(message.Id + " " + message.Status);
            if (!Waiting.Contains(message.Status)) break;
            await Task.Delay(500);
        }

        var query = "/v1/messages?limit=50&to=" + Uri.EscapeDataString(message.To);
        string after = null;
        do
        {
            var page = await Client.Call<Page>(HttpMethod.Get, after == null ? query : query + "&after=" + after);
            foreach (var listed in page.Data)
                Console.WriteLine(listed.CreatedAt + " " + listed.Id + " " + listed.Status);
            after = page.Next;
        } while (after != null);
    }
}
