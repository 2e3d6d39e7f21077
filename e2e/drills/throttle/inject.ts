// Hands in the mail of one class: messages of a hundred recipients each, all from the address of its tenant's relay.
import { connect } from 'node:net';
import { senderDomain, type MailClass } from './plan.ts';

const recipientsOfOne = 100;

/** At least `count` recipients, each with an address of its own. */
export async function injectClass(port: number, mail: MailClass, count: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: mail.tenant === 1 ? '127.42.9.1' : `127.42.9.${mail.tenant}` });
  socket.setEncoding('latin1').setNoDelay(true);
  const lines = linesOf(socket);
  const said = async (expected: string): Promise<void> => {
    for (;;) {
      const { value } = (await lines.next()) as { value: string | undefined };
      if (value === undefined) throw new Error(`the engine hung up on mail of class ${mail.name}`);
      if (value[3] === '-') continue;
      if (!value.startsWith(expected)) throw new Error(`class ${mail.name}: ${value}`);
      return;
    }
  };
  await said('220');
  socket.write('EHLO drill.example\r\n');
  await said('250');
  const sender = `${mail.name}@${senderDomain(mail.tenant)}`;
  const fields = Object.entries(mail.headers).map(([name, value]) => `X-Sluice-${name}: ${value}\r\n`);
  const body = 'A line of a message that is as long as most lines are.\r\n'.repeat(Math.ceil(mail.bytes / 56));
  let sent = 0;
  for (let message = 0; sent < count; message += 1) {
    const domain = mail.domains[message % mail.domains.length] ?? '';
    socket.write(`MAIL FROM:<${sender}>\r\n`);
    await said('250');
    const names = Array.from({ length: recipientsOfOne }, (_, index) => `RCPT TO:<r${message}.${index}.${mail.name}@${domain}>\r\n`);
    socket.write(names.join(''));
    for (const _ of names) await said('250');
    socket.write('DATA\r\n');
    await said('354');
    socket.write(`From: <${sender}>\r\nSubject: drill\r\n${fields.join('')}\r\n${body}.\r\n`);
    await said('250');
    sent += names.length;
  }
  socket.end('QUIT\r\n');
  return sent;
}

async function* linesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + String(chunk)).split('\r\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
