// What is written, for nodemailer: the twin of content.py and contract.py.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { createRequire } = require('node:module');

const here = (...parts) => path.join(__dirname, '..', ...parts);
const installed = createRequire(here('.peers', 'package.json'));

const MEDIUM_ROWS = 145;
const ATTACHMENT = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));

const read = name => fs.readFileSync(here('content', name), 'utf8');
const smallHtml = read('small.html');
const mediumHtml = smallHtml.replace('</table>', read('row.html').repeat(MEDIUM_ROWS) + '</table>');

// Cut once, for what fills templates is not measured: words and names of values take turns.
const cut = words => words.split(/\{(name|number)\}/);
const small = { text: cut(read('small.txt')), html: cut(smallHtml) };
const medium = { ...small, html: cut(mediumHtml) };

function readOptions() {
    const string = value => ({ type: 'string', default: value });
    const { values } = parseArgs({
        options: {
            host: string('127.0.0.1'),
            port: string('0'),
            shape: string('S'),
            count: string('1'),
            sessions: string('1'),
            warmup: string('0'),
            attachment: { type: 'string' }
        }
    });
    for (const name of ['port', 'count', 'sessions', 'warmup']) {
        values[name] = Number(values[name]);
    }
    return values;
}

function draft(shape, number, attachment) {
    const name = `Jürgen Müller ${number}`;
    const values = { name, number: String(number) };
    const fill = pieces => pieces.map((piece, at) => (at % 2 ? values[piece] : piece)).join('');
    const words = shape === 'M' ? medium : small;
    const mail = {
        from: { name: 'Schöner Schreiben', address: 'orders@shop.example' },
        to: { name, address: `recipient${number}@customer.example` },
        subject: `Your order ${number} is on its way`,
        text: fill(words.text),
        html: fill(words.html)
    };
    if (shape === 'L') {
        mail.attachments = [{ filename: 'report.bin', content: ATTACHMENT }];
    } else if (shape === 'F') {
        mail.attachments = [{ filename: 'report.bin', path: attachment }];
    }
    return mail;
}

function residentKib(which) {
    const found = new RegExp(`${which}:\\s+(\\d+) kB`).exec(fs.readFileSync('/proc/self/status', 'utf8'));
    return Number(found[1]);
}

async function measure(options, run) {
    const idle = residentKib('VmRSS');
    await run(options.count, options.warmup);
    const cpuBefore = process.cpuUsage();
    const before = process.hrtime.bigint();
    await run(0, options.count);
    const seconds = Number(process.hrtime.bigint() - before) / 1e9;
    const cpu = process.cpuUsage(cpuBefore);
    console.log(
        JSON.stringify({
            messages: options.count,
            version: `nodemailer ${installed('nodemailer/package.json').version} on Node ${process.versions.node}`,
            seconds,
            cpu_seconds: (cpu.user + cpu.system) / 1e6,
            idle_rss_kib: idle,
            peak_rss_kib: residentKib('VmHWM')
        })
    );
}

module.exports = { draft, installed, measure, readOptions };
