// Composition alone, with nodemailer's MailComposer.
'use strict';

const { draft, installed, measure, readOptions } = require('./nodemailer_content.cjs');

const MailComposer = installed('nodemailer/lib/mail-composer');

const options = readOptions();
measure(options, async (first, count) => {
    for (let number = first; number < first + count; number++) {
        await new MailComposer(draft(options.shape, number, options.attachment)).compile().build();
    }
});
