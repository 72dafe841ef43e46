// A customer made of node's smpp package: it binds, does what it is told, and tells what happens.
//
// Usage: node esme.js PORT SYSTEM_ID PASSWORD [bind_transceiver|bind_receiver|bind_transmitter]
// Commands come as JSON, one a line, on standard input: {"do": "submit_sm", "tag": "a", "pdu": {...}}. `do` is the
// name of a command of SMPP; in `pdu`, {"hex": "..."} stands for octets. What happens goes to standard output in the
// same form: {"event": "answer", "tag": ..., ...}, {"event": "deliver_sm", ...}, {"event": "closed"}.
"use strict";

const readline = require("readline");
const smpp = require("smpp");

const [port, systemId, password, bind = "bind_transceiver"] = process.argv.slice(2);
const say = (event, fields) => console.log(JSON.stringify({ event, ...fields }));
const octets = (value) => (value && value.hex !== undefined ? Buffer.from(value.hex, "hex") : value);

function textOf(message) {
  if (message === undefined || typeof message === "string") {
    return message || "";
  }
  return Buffer.isBuffer(message) ? message.toString() : message.message.toString();
}

const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => {
  session[bind]({ system_id: systemId, password: password, interface_version: 0x34 }, (answer) =>
    say("bound", { status: answer.command_status, version: answer.sc_interface_version })
  );
});
session.on("error", (error) => say("error", { message: error.message }));
session.on("unknown", (pdu) => say("error", { message: `unknown command ${pdu.command_id}` }));
session.on("enquire_link", (pdu) => session.send(pdu.response()));
session.on("unbind", (pdu) => session.send(pdu.response(), () => session.close()));
session.on("close", () => {
  say("closed");
  process.exit(0);
});
for (const command of ["deliver_sm", "data_sm"]) {
  session.on(command, (pdu) => {
    session.send(pdu.response());
    const udh = (pdu.short_message && pdu.short_message.udh) || [];
    say(command, {
      source: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      destination: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
      esm_class: pdu.esm_class,
      data_coding: pdu.data_coding,
      receipted_message_id: pdu.receipted_message_id,
      message_state: pdu.message_state,
      udh: udh.map((element) => element.toString("hex")),
      text: textOf(pdu.short_message) || textOf(pdu.message_payload),
    });
  });
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const told = JSON.parse(line);
  const pdu = told.pdu || {};
  for (const name of ["short_message", "message_payload"]) {
    if (pdu[name] && pdu[name].udh !== undefined) {
      pdu[name] = { udh: octets(pdu[name].udh), message: octets(pdu[name].message) };
    } else if (pdu[name] !== undefined) {
      pdu[name] = octets(pdu[name]);
    }
  }
  session[told.do](pdu, (answer) => {
    say("answer", {
      tag: told.tag,
      command: answer.command,
      status: answer.command_status,
      message_id: answer.message_id,
      message_state: answer.message_state,
      unsuccess_sme: answer.unsuccess_sme,
    });
    if (told.do === "unbind") {
      session.close();
    }
  });
});
