// Follows a message to its end, then lists all messages to the same number: follow MESSAGE_ID
import { setTimeout as sleep } from "node:timers/promises";
import { call, type Message } from "./client.js";

const waiting = ["scheduled", "queued", "held", "sent"];
let message: Message;
for (;;) {
  message = await call<Message>("GET", `/v1/messages/${process.argv[2]}`);
  console.log(message.id, message.status);
  if (!waiting.includes(message.status)) break;
  await sleep(500);
}

const query = new URLSearchParams({ to: message.to, limit: "50" });
for (;;) {
  const page = await call<{ data: Message[]; next: string | null }>("GET", `/v1/messages?${query}`);
  for (const listed of page.data) console.log(listed.created_at, listed.id, listed.status);
  if (page.next === null) break;
  query.set("after", page.next);
}
