// Sends a message and retries until there is a response, without sending twice: retry TO TEXT ORDER
import { setTimeout as sleep } from "node:timers/promises";
import { call, type Message, Problem } from "./client.js";

/** The same key and body in every attempt create one message. */
async function sendOnce(body: object, key: string, attempts = 5): Promise<Message> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call<Message>("POST", "/v1/sms/send", body, key);
    } catch (error) {
      // Any other error is a missing response: the request may or may not have arrived.
      if (attempt === attempts || (error instanceof Problem && !error.retryable)) throw error;
      const asked = error instanceof Problem ? error.retryAfter : null;
      await sleep(1000 * (asked ?? 0.5 * 2 ** attempt));
    }
  }
}

const [to, text, order] = process.argv.slice(2);
console.log((await sendOnce({ from: "YourBrand", to, text }, `order-${order}-paid`)).id);
