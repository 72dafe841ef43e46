using System;
using System.Net.Http;
using System.Threading.Tasks;

/// <summary>Sends a message and retries until there is a response, without sending twice: retry TO TEXT ORDER</summary>
static class Retry
{
    public static async Task Run(string to, string text, string order)
    {
        var body = new Send.Body { To = to, Text = text };
        Console.WriteLine((await SendOnce(body, "order-" + order + "-paid")).Id);
    }

    /// <summary>The same key and body in every attempt create one message.</summary>
    static async Task<Message> SendOnce(Send.Body body, string key, int attempts = 5)
    {
        for (int attempt = 1; ; attempt++)
        {
            var pause = TimeSpan.FromSeconds(0.5 * Math.Pow(2, attempt));
            try
            {
                return await Client.Call<Message>(HttpMethod.Post, "/v1/sms/send", body, key);
            }
            catch (Problem problem) when (problem.Retryable && attempt < attempts)
            {
                pause = problem.RetryAfter ?? pause;
            }
            catch (Exception noAnswer) when (!(noAnswer is Problem) && attempt < attempts)
            {
                // The request may or may not have arrived.
            }
            await Task.Delay(pause);
        }
    }
}
