// So many messages a second over a few sessions, each an SMTP dialogue kept as cheap as it can be, commands in flights as senders of much mail
// do (RFC 2920): the machine is there for what is measured.
import { Dialogue, plain } from '../../delivery/smtp-dialogue.ts';

export type SteadyMail = { accepted(): number; stop(): Promise<void> };

const sessions = 10;

export async function steadyMail(
  port: number,
  login: { username: string; password: string },
  domain: string,
  perSecond: number,
): Promise<SteadyMail> {
  let [accepted, stopped] = [0, false];
  const said = async (dialogue: Dialogue, lines: string, codes: readonly string[]): Promise<void> => {
    dialogue.send(lines);
    for (const code of codes) {
      const reply = await dialogue.reply();
      if (!reply.startsWith(code)) throw new Error(`${lines.trim().slice(0, 40)}: ${reply}`);
    }
  };
  const session = async (lane: number): Promise<void> => {
    const dialogue = await Dialogue.open(port);
    await said(dialogue, 'EHLO load.example\r\n', ['250']);
    await said(dialogue, `AUTH PLAIN ${plain(login.username, login.password)}\r\n`, ['235']);
    const startedMs = performance.now();
    for (let sent = 0; !stopped; sent++) {
      const dueMs = startedMs + (sent * 1_000 * sessions) / perSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const envelope = [`MAIL FROM:<news@${domain}>`, `RCPT TO:<r${lane}.${sent}@shop-${sent % 20}.example>`, 'DATA'];
      await said(dialogue, `${envelope.join('\r\n')}\r\n`, ['250', '250', '354']);
      const head = `From: news@${domain}\r\nSubject: steady\r\nMessage-ID: <${lane}.${sent}@${domain}>\r\n\r\n`;
      await said(dialogue, `${head}${'A line of a message that is as long as most lines are.\r\n'.repeat(30)}.\r\n`, ['250']);
      accepted += 1;
    }
    dialogue.close();
  };
  const running = Array.from({ length: sessions }, (_, lane) => session(lane));
  const all = Promise.all(running);
  all.catch(() => undefined);
  return {
    accepted: () => accepted,
    async stop() {
      stopped = true;
      await all;
    },
  };
}
