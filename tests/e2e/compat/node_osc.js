"use strict";
// node-osc: its Server sends and hears on one socket, so answers find it.

const { Bundle, Message, Server } = require("node-osc");
const { listen, say, tagged } = require("./lines.js");

const to = Number(process.argv[2]);
const server = new Server(0, "127.0.0.1");

const message = (line) => {
    const out = new Message(line.address);
    for (const [type, value] of tagged(line)) out.append({ type, value });
    return out;
};
const packet = (line) =>
    line.bundle ? new Bundle(line.at, ...line.bundle.map(packet)) : message(line);

server.on("message", ([address, ...args]) => say({ address, args }));
server.on("listening", () => {
    listen((line) => server.send(packet(line), to, "127.0.0.1"), () => server.close());
    say({ address: "ready", args: [] });
});
