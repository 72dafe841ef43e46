// An SMSC made of node's smpp package, a foreign implementation for our connector to talk to.
//
// It prints one JSON object a line for what happens and takes commands, one a line, from standard input:
//   throttle N   answer the next N submit_sm with ESME_RTHROTTLED
//   unbind       unbind every session
//   incoming     send a message from a handset to every session
"use strict";

const readline = require("readline");
const smpp = require("smpp");

let throttle = 0;
let number = 0;
const sessions = new Set();
const say = (event, fields) => console.log(JSON.stringify({ event, ...fields }));

function receiptDate(moment) {
  return moment.toISOString().replace(/[-T:]/g, "").slice(2, 12);
}

function sendReceipt(session, pdu, id) {
  const date = receiptDate(new Date());
  session.deliver_sm(
    {
      source_addr_ton: pdu.dest_addr_ton,
      source_addr_npi: pdu.dest_addr_npi,
      source_addr: pdu.destination_addr,
      dest_addr_ton: pdu.source_addr_ton,
      dest_addr_npi: pdu.source_addr_npi,
      destination_addr: pdu.source_addr,
      esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
      short_message:
        `id:${id} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:`,
    },
    (answer) => say("acknowledged", { status: answer.command_status })
  );
}

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on("close", () => sessions.delete(session));
  session.on("error", (error) => say("error", { message: error.message }));
  session.on("unknown", (pdu) => say("unknown", { command: pdu.command_id }));
  session.on("bind_transceiver", (pdu) => {
    const good = pdu.password === "a-long-password";
    say("bind", { system_id: pdu.system_id, good });
    session.send(pdu.response({ command_status: good ? smpp.ESME_ROK : smpp.ESME_RINVPASWD }));
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    say("unbind");
    session.send(pdu.response(), () => session.close());
  });
  session.on("submit_sm", (pdu) => {
    if (throttle > 0) {
      throttle -= 1;
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return;
    }
    number += 1;
    const id = `node-${number}`;
    const concatenation = (pdu.short_message.udh || []).map((element) => element.toString("hex"));
    say("submit", {
      id,
      source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      destination: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
      esm_class: pdu.esm_class,
      data_coding: pdu.data_coding,
      registered_delivery: pdu.registered_delivery,
      udh: concatenation,
      text: pdu.short_message.message.toString(),
    });
    session.send(pdu.response({ message_id: id }));
    if (pdu.registered_delivery & 1) {
      setTimeout(() => sendReceipt(session, pdu, id), 10);
    }
  });
});

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [command, argument] = line.split(" ");
  if (command === "throttle") {
    throttle = Number(argument);
  }
  say("told", { command });
  for (const session of sessions) {
    if (command === "unbind") {
      session.unbind(() => session.close());
    } else if (command === "incoming") {
      session.deliver_sm(
        {
          source_addr_ton: 1,
          source_addr_npi: 1,
          source_addr: "15550009999",
          destination_addr: "40404",
          data_coding: 8,
          short_message: "żółw 🐢",
        },
        (answer) => say("acknowledged", { status: answer.command_status })
      );
    }
  }
});

server.listen(0, "127.0.0.1", () => say("listening", { port: server.address().port }));
