// nodemailer with its pool: as many connections as asked for, always two messages waiting for each.
'use strict';

const { draft, installed, measure, readOptions } = require('./nodemailer_content.cjs');

const WAITING_PER_SESSION = 2;

async function main() {
    const options = readOptions();
    const transport = installed('nodemailer').createTransport({
        host: options.host,
        port: options.port,
        secure: false,
        ignoreTLS: true,
        pool: true,
        maxConnections: options.sessions,
        maxMessages: Infinity
    });

    async function run(first, count) {
        let next = first;
        const sender = async () => {
            while (next < first + count) {
                await transport.sendMail(draft(options.shape, next++, options.attachment));
            }
        };
        await Promise.all(Array.from({ length: options.sessions * WAITING_PER_SESSION }, sender));
    }

    await measure(options, run);
    transport.close();
}

main();
