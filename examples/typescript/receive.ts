// Receives webhooks, verifies them, and replies to incoming messages.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { call } from "./client.js";

const secret = Buffer.from((process.env.WEBHOOK_SECRET ?? "").replace(/^whsec_/, ""), "base64");

/** Whether a signature is valid and at most five minutes old (Standard Webhooks). */
function isGenuine(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  const signed = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${signed}`);
  const matches = (given: string) =>
    given.length === expected.length && timingSafeEqual(Buffer.from(given, "latin1"), expected);
  return Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300 && String(signatures).split(" ").some(matches);
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (!isGenuine(request.headers, body)) {
    response.writeHead(400).end();
    return;
  }
  const event = JSON.parse(body.toString());
  console.log(event.type, event.data.id);
  try {
    if (event.type === "message.received") {
      // An event may arrive twice. Its id as the key prevents a second reply.
      await call("POST", `/v1/messages/${event.data.id}/reply`, { text: "Thank you, we got your message." }, event.id);
    }
    response.writeHead(204).end();
  } catch (error) {
    console.error(error);
    response.writeHead(500).end(); // the event comes again
  }
});
server.listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
