"use strict";
// osc: a UDPPort of its own.

const osc = require("osc");
const { listen, say, tagged } = require("./lines.js");

const port = new osc.UDPPort({
    localAddress: "127.0.0.1", localPort: 0,
    remoteAddress: "127.0.0.1", remotePort: Number(process.argv[2]), metadata: true,
});

const long = (text) => {
    const all = BigInt(text);
    return { high: Number(BigInt.asIntN(32, all >> 32n)), low: Number(BigInt.asIntN(32, all)) };
};
const message = (line) => ({
    address: line.address,
    args: tagged(line).map(([type, value]) => ({
        type, value: type === "h" ? long(value) : value,
    })),
});
const packet = (line) => (line.bundle
    ? {
        timeTag: line.at ? osc.timeTag(line.at - Date.now() / 1000) : { raw: [0, 1] },
        packets: line.bundle.map(packet),
    }
    : message(line));

const plain = ({ type, value }) => (type === "h" ? String(value) : value);
port.on("message", ({ address, args }) => say({ address, args: args.map(plain) }));
port.on("ready", () => {
    listen((line) => port.send(packet(line)), () => port.close());
    say({ address: "ready", args: [] });
});
port.open();
