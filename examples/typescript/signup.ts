// A sign-up form that verifies a number: node build/signup.js, then open http://localhost:8000
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { call, Problem } from "./client.js";

const pages = new URL("../../signup/", import.meta.url);
const profile = process.env.VERIFY_PROFILE ?? "sign-up";
const later = "That did not work. Please try again later.";
const startAgain = "Please ask for a new code.";

// 1. Sessions

interface Session {
  number: string;
  message: string;
  nextSendAt: number; // in milliseconds
  id?: string; // of the verification
  verified?: string;
}

/** What the server knows of each browser, by a cookie that says nothing. Keep it in your database or cache. */
const sessions = new Map<string, Session>();
const fresh = (): Session => ({ number: "", message: "", nextSendAt: 0 });

interface Started {
  id: string;
  status: string;
  next_send_at: string | null; // null once all sends are used up
  public_reason: string | null;
  guard: string | null;
  reason: string | null;
}

/** Remembers the verification that a start or a resend answered. */
function keep(session: Session, answer: Started): void {
  session.id = answer.id;
  session.nextSendAt = answer.next_send_at === null ? 0 : Date.parse(answer.next_send_at);
}

/** Forgets a verification that is over. The number stays, for the next attempt. */
function forget(session: Session): void {
  delete session.id;
}

// 2. Start

/** Sends a code. Returns what to tell the user. */
async function start(session: Session, form: URLSearchParams, address: string, device: string): Promise<string> {
  session.number = (form.get("number") ?? "").trim();
  const body = { to: session.number, profile, user_ip: address, device };
  try {
    const answer = await call<Started>("POST", "/v1/verifications", body);
    if (answer.public_reason !== null) {
      // A guard stopped it: `guard` and `reason` are for your log, not for users.
      console.log(answer.id, answer.status, answer.guard, answer.reason);
      return later;
    }
    keep(session, answer);
    return "";
  } catch (error) {
    if (error instanceof Problem && error.code === "invalid_recipient") {
      return "This is no mobile number. Begin with + and the country, such as +1 555 123 4567.";
    }
    return later;
  }
}

// 3. Check

interface Checked {
  approved: boolean;
  outcome: string;
  attempts_left: number;
}

const wrong: Record<string, string> = {
  superseded: "A newer code was sent. Please type that one.",
  expired: `The code has expired. ${startAgain}`,
  exhausted: `Too many wrong codes. ${startAgain}`,
};

/** Checks what was typed. Returns what to tell the user. */
async function check(session: Session, form: URLSearchParams): Promise<string> {
  const path = `/v1/verifications/${session.id}/check`;
  try {
    // The key of the form: a double click counts as one check.
    const body = { code: (form.get("code") ?? "").trim() };
    const answer = await call<Checked>("POST", path, body, form.get("once") ?? undefined);
    if (answer.approved) {
      session.verified = session.number;
      return "";
    }
    if (answer.outcome === "wrong") return `That is not the code. Attempts left: ${answer.attempts_left}.`;
    if (answer.outcome !== "superseded") forget(session);
    return wrong[answer.outcome] ?? startAgain;
  } catch (error) {
    if (!(error instanceof Problem)) return later;
    if (error.code === "verification_approved") {
      forget(session); // by another browser: that is no proof for this one
      return startAgain;
    }
    return ["invalid_field", "missing_field"].includes(error.code) ? "Please type the code." : later;
  }
}

// 4. Send once more

/** Sends once more. Returns what to tell the user. */
async function resend(session: Session): Promise<string> {
  try {
    const answer = await call<Started>("POST", `/v1/verifications/${session.id}/resend`, {});
    if (answer.public_reason !== null) return later;
    keep(session, answer);
    return "We sent it once more.";
  } catch (error) {
    if (!(error instanceof Problem)) return later;
    switch (error.code) {
      case "verification_later":
        return `Please wait ${error.retryAfter} seconds.`;
      case "verification_sends_used":
        return "We sent it as often as we can. Please look for the message.";
      case "verification_ended":
      case "not_found":
        forget(session);
        return startAgain;
      default:
        return later;
    }
  }
}

// 5. The server

const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const token = (): string => randomBytes(32).toString("base64url");

/** The page for what is known of the browser. */
async function page(session: Session): Promise<string> {
  const name = session.verified !== undefined ? "verified" : session.id !== undefined ? "code" : "number";
  const values: Record<string, string> = {
    message: session.message,
    number: session.number,
    once: token(),
    seconds: String(Math.max(0, Math.ceil((session.nextSendAt - Date.now()) / 1000))),
  };
  session.message = "";
  const text = await readFile(new URL(`${name}.html`, pages), "utf8");
  return text.replace(/\{(\w+)\}/g, (_, key: string) => values[key].replace(/[&<>"']/g, (sign) => signs[sign]));
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function cookieOf(request: IncomingMessage, name: string): string {
  return request.headers.cookie?.match(new RegExp(`(?:^|; )${name}=([\\w-]+)`))?.[1] ?? "";
}

const server = createServer(async (request, response) => {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'; form-action 'self'");
  let name = cookieOf(request, "session");
  const session = sessions.get(name) ?? fresh();
  if (request.method === "GET" && request.url === "/") {
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(await page(session));
    return;
  }
  if (request.method === "GET" && request.url === "/autofill.js") {
    response.setHeader("Content-Type", "text/javascript").end(await readFile(new URL("autofill.js", pages)));
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(404).end();
    return;
  }
  const foreign = (request.headers["sec-fetch-site"] ?? "same-origin") !== "same-origin";
  if (foreign || Number(request.headers["content-length"] ?? 0) > 10_000) {
    response.writeHead(403, { Connection: "close" }).end(); // another site must not make your visitors ask for codes
    return;
  }
  const form = await formOf(request);
  const device = cookieOf(request, "device") || token();
  if (session.verified !== undefined) {
    // nothing more to do
  } else if (request.url === "/start") {
    // Behind a proxy of yours, take the address from the header that the proxy sets.
    session.message = await start(session, form, request.socket.remoteAddress ?? "", device);
  } else if (request.url === "/change") {
    forget(session);
  } else if (session.id !== undefined) {
    session.message = request.url === "/check" ? await check(session, form) : await resend(session);
  }
  if (!sessions.has(name) || session.verified !== undefined) {
    sessions.delete(name); // whoever is verified gets another name
    name = token();
  }
  sessions.set(name, session);
  const rest = "Path=/; HttpOnly; SameSite=Lax"; // with https, add `Secure`
  response.setHeader("Set-Cookie", [`session=${name}; ${rest}`, `device=${device}; ${rest}; Max-Age=31536000`]);
  response.writeHead(303, { Location: "/" }).end();
});
server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1");
