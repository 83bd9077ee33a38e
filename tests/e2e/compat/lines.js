"use strict";
// What to send comes as a line of JSON on the input, what is heard leaves as one on the output.

const readline = require("node:readline");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const number = (text) => (text === "NaN" ? NaN : Number(text));

// [tag, value] of every argument; T, F and N have none of their own.
const tagged = ({ tags, args }) => {
    const left = [...args];
    const own = { T: true, F: false, N: null, I: null };
    return [...tags].map((tag) => {
        if (tag in own) return [tag, own[tag]];
        const text = left.shift();
        return [tag, tag === "s" || tag === "h" ? text : number(text)];
    });
};

// Calls `send(line)` for each line and `end()` when there are no more.
const listen = (send, end) => {
    const input = readline.createInterface({ input: process.stdin });
    input.on("line", (line) => send(JSON.parse(line)));
    input.on("close", end);
};

module.exports = { listen, say, tagged };
