// Sends a message: send TO TEXT
import { call, type Message } from "./client.js";

const [to, text] = process.argv.slice(2);
const message = await call<Message>("POST", "/v1/sms/send", { from: "YourBrand", to, text });
console.log(message.id, message.status);
