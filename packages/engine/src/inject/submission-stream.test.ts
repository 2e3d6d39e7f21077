// Whatever a message holds and however its octets come, our way through them gives what the library's gives.
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { expect, it } from 'vitest';
import { SubmissionStream } from './submission-stream.ts';

/** Sends the chunks as one message with commands before and behind; what was made of them. */
async function parsed(stream: SMTPStream, chunks: readonly Buffer[]): Promise<{ message: string; commands: string[]; octets: number }> {
  const commands: string[] = [];
  const message: Buffer[] = [];
  let octets = 0;
  stream.oncommand = (line, callback) => {
    commands.push(line.toString('latin1'));
    if (line.toString() === 'DATA') {
      const data = stream.startDataMode();
      data.on('data', (chunk: Buffer) => message.push(chunk));
      data.on('end', () => {
        octets = stream.dataBytes;
        stream.continue();
      });
    }
    callback?.();
  };
  for (const chunk of chunks) await new Promise((resolve) => stream.write(chunk, resolve));
  await new Promise<void>((resolve) => stream.end(resolve));
  return { message: Buffer.concat(message).toString('latin1'), commands, octets };
}

function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

it('agrees with the library on dots, line ends and borders of chunks, over thousands of random messages', async () => {
  const random = chance(11);
  const pieces = [
    '.',
    '..',
    '\r\n',
    '\n',
    '\r',
    'a',
    'text of a line',
    '\r\n.',
    '\r\n..',
    '\n.',
    '.\r\n',
    '\r\n.\n',
    `${'x'.repeat(70)}\r\n`,
  ];
  for (let n = 0; n < 3_000; n++) {
    const body = Array.from({ length: Math.floor(random() * 30) }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    const sent = Buffer.from(`DATA\r\n${body}\r\n.\r\nNOOP\r\n`, 'latin1');
    const chunks: Buffer[] = [];
    for (let from = 0; from < sent.length;) {
      const to = Math.min(sent.length, from + 1 + Math.floor(random() ** 3 * sent.length));
      chunks.push(sent.subarray(from, to));
      from = to;
    }
    expect(await parsed(new SubmissionStream(), chunks)).toEqual(await parsed(new SMTPStream(), chunks));
  }
});

it('passes a large message on whole, also to a reader that is slow', async () => {
  const body = `${`${'y'.repeat(76)}\r\n`.repeat(20_000)}.dot\r\n`;
  const sent = Buffer.from(`DATA\r\n${body.replace('\r\n.dot', '\r\n..dot')}.\r\nNOOP\r\n`, 'latin1');
  const chunks = Array.from({ length: Math.ceil(sent.length / 65_536) }, (_, n) => sent.subarray(n * 65_536, (n + 1) * 65_536));
  const { message, commands, octets } = await parsed(new SubmissionStream(), chunks);
  expect([message === body, commands, octets]).toEqual([true, ['DATA', 'NOOP'], body.length]);
});

it('answers commands that come together in one flight, and one alone without', async () => {
  const flights: string[][] = [];
  let commands: string[] = [];
  const stream = new SubmissionStream();
  stream.oncommand = (line, callback) => {
    commands.push(line.toString('latin1'));
    callback?.();
  };
  stream.onflight = (answer) => {
    commands = [];
    answer();
    flights.push(commands);
    commands = [];
  };
  for (const chunk of ['EHLO a\r\n', 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n', 'NOOP\r\n', 'RSET\r\nQUI', 'T\r\n'])
    await new Promise((resolve) => stream.write(Buffer.from(chunk), resolve));
  expect(flights).toEqual([['MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA'], ['RSET']]);
});
