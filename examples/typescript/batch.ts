// Sends one text to many recipients: batch TEXT TO TO ...
import { call } from "./client.js";

interface Batch {
  messages: { index: number; message_id: string }[];
  refusals: { index: number; code: string }[];
}

const [text, ...numbers] = process.argv.slice(2);
const batch = await call<Batch>("POST", "/v1/sms/batch", { from: "YourBrand", to: numbers, text });
for (const message of batch.messages) console.log(numbers[message.index], message.message_id);
for (const refusal of batch.refusals) console.log(numbers[refusal.index], refusal.code);
