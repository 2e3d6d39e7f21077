// Sluice -> Debian's Exim and OpenSMTPD, whose parsers are not ours: what each stored is what was sent, whichever way the session took, and
// what it refuses, for good or for now, is said of the right recipient.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@sluice/bench/installation';
import type { DeliverySettings } from '@sluice/contract';
import { id, sender, startWorld, type Entity, type World } from '../scenarios/testing/world.ts';
import { message, samples, withLf, withoutAdded } from './message.ts';
import { mtaProblem, startPrivateMta, type Kind, type PrivateMta } from './private-mta.ts';

/** A recipient domain for each way that a session can go. */
const ways: Record<string, Partial<DeliverySettings>> = {
  'plain.example': { tls: 'disabled' },
  'opportunistic.example': { tls: 'opportunistic' },
  'starttls.example': { tls: 'required' },
};
/**
 * Debian 12's OpenSMTPD 6.8 cannot complete a handshake with OpenSSL 3, which it is linked with there: the process that accepts holds no
 * private key and hands the operation to another through hooks that OpenSSL 3 goes around (OpenSMTPD issues 1171 and 1239, mended in 7.3).
 */
const waysOf = (kind: Kind): string[] => Object.keys(ways).filter((domain) => kind === 'exim' || ways[domain]?.tls === 'disabled');
const handshakesBreak = (mta: PrivateMta): boolean => mta.log().includes('OpenSMTPD 6.8.');
const bigBody = Array.from({ length: 26_000 }, (_, index) => `.${String(index).padStart(8, '0')}${'x'.repeat(68)}`);

/** What `send` takes: octets as latin1, without the last line end. */
const octets = (text: string): string => Buffer.from(text.replace(/\r\n$/, ''), 'utf8').toString('latin1');

const entities = (port: number): Entity[] =>
  Object.entries(ways).flatMap(([domain, values], index) => [
    { kind: 'route', id: id(200 + index), body: { domain, host: '127.0.0.1', port } },
    { kind: 'setting', id: id(300 + index), body: { name: domain, where: { domain }, values } },
  ]);

// OpenSMTPD offers no CHUNKING: its mail goes by DATA whatever is wanted. RFC 3030 section 2
const receivers: { kind: Kind; chunking: boolean }[] = [
  { kind: 'exim', chunking: false },
  { kind: 'exim', chunking: true },
  { kind: 'opensmtpd', chunking: true },
];

describe.each(receivers)('mail to $kind, BDAT wanted: $chunking', ({ kind, chunking }) => {
  const problem = mtaProblem(kind);
  describe.skipIf(problem !== null)(`on loopback${problem ? ` (skipped: ${problem})` : ''}`, () => {
    let mta: PrivateMta;
    let world: World;
    beforeAll(async () => {
      mta = await startPrivateMta(kind);
      world = await startWorld({ entities: entities(mta.port), settings: { retry: { kind: 'list', seconds: [2] }, chunking } });
    });
    afterAll(async () => {
      await world?.close();
      await mta?.stop();
    });

    const find = (messageId: string) => mta.messages().find((bytes) => bytes.includes(`Message-ID: ${messageId}\n`));
    async function stored(messageId: string): Promise<Buffer> {
      await until(() => find(messageId) !== undefined, 20_000);
      return withoutAdded(find(messageId) ?? Buffer.alloc(0)).own;
    }

    it.each(waysOf(kind))('every sample of mail to %s arrives as it was sent', async (domain) => {
      const sent = Object.entries(samples).map(([name, sample], index) => {
        const messageId = `<${index}.${domain}@sender.example>`;
        return { name, messageId, recipient: `bob${index}@${domain}`, text: message(sender, `bob@${domain}`, messageId, sample) };
      });
      await Promise.all(sent.map(({ recipient, text }) => world.send(recipient, octets(text), ' BODY=8BITMIME')));
      for (const { name, messageId, recipient, text } of sent) {
        const [, delivered] = await world.story(recipient, 'accepted', 'delivered');
        expect(delivered?.tls !== null).toBe(ways[domain]?.tls !== 'disabled');
        expect((await stored(messageId)).toString('latin1'), name).toBe(withLf(text).toString('latin1'));
      }
    });

    it('two megabytes whose lines all begin with a dot arrive as they were sent', async () => {
      for (const domain of waysOf(kind)) {
        const messageId = `<big.${domain}@sender.example>`;
        const text = message(sender, `big@${domain}`, messageId, { body: bigBody });
        await world.send(`big@${domain}`, octets(text));
        await world.story(`big@${domain}`, 'accepted', 'delivered');
        expect((await stored(messageId)).equals(withLf(text))).toBe(true);
      }
    });

    it.runIf(kind === 'exim')('takes as BDAT what is sent so, and only that', async () => {
      // Exim marks with K what came so, with X= what came over TLS.
      const lines = mta.log().split('\n');
      const taken = (messageId: string): string =>
        lines.find((line) => line.includes(' <= ') && line.includes(`id=${messageId.slice(1, -1)}`)) ?? '';
      for (const [domain, { tls }] of Object.entries(ways)) {
        for (const messageId of [`<0.${domain}@sender.example>`, `<big.${domain}@sender.example>`]) {
          expect(/ K /.test(taken(messageId)), taken(messageId)).toBe(chunking);
          expect(/ X=TLS/.test(taken(messageId)), taken(messageId)).toBe(tls !== 'disabled');
        }
      }
    });

    it.runIf(kind === 'opensmtpd')(
      'where its handshakes break, mail that may goes out without TLS and mail that must not waits',
      async () => {
        for (const domain of ['opportunistic.example', 'starttls.example'])
          await world.send(
            `tls@${domain}`,
            octets(message(sender, `tls@${domain}`, `<tls.${domain}@sender.example>`, { body: ['hello'] })),
          );
        const [, delivered] = await world.story('tls@opportunistic.example', 'accepted', 'delivered');
        if (!handshakesBreak(mta)) {
          expect(delivered?.tls).not.toBeNull();
          await world.story('tls@starttls.example', 'accepted', 'delivered');
          return;
        }
        expect(delivered?.tls).toBeNull();
        await world.story('tls@starttls.example', 'accepted');
        expect(find('<tls.starttls.example@sender.example>')).toBeUndefined();
      },
    );

    it('of three recipients the refused one bounces with the reply of the host, and the others get the message', async () => {
      const recipients = ['one@plain.example', 'refused@plain.example', 'two@plain.example'];
      await world.send(recipients, octets(message(sender, 'all', '<three@sender.example>', { body: ['hello'] })));
      const [, refused] = await world.story('refused@plain.example', 'accepted', 'bounced');
      expect(refused?.reply).toMatchObject({ code: 550 });
      expect(JSON.stringify(refused?.reply)).toContain('no such person');
      for (const recipient of ['one@plain.example', 'two@plain.example']) await world.story(recipient, 'accepted', 'delivered');
    });

    it('a recipient who is refused for now is deferred with that reply and delivered later', async () => {
      await world.send('later@plain.example', octets(message(sender, 'later', '<later@sender.example>', { body: ['hello'] })));
      const [, deferred] = await world.story('later@plain.example', 'accepted', 'deferred');
      expect(deferred?.reply).toMatchObject({ code: 451 });
      mta.takeLater();
      await world.story('later@plain.example', 'accepted', 'deferred', 'delivered');
      expect((await stored('<later@sender.example>')).includes('hello')).toBe(true);
    });

    it('a UTF-8 address is delivered where SMTPUTF8 is offered and bounces with 5.6.7 where it is not', async () => {
      const recipient = 'jörg@plain.example';
      await world.send(
        recipient,
        octets(message(sender, recipient, '<utf8@sender.example>', { body: ['Grüße'] })),
        ' SMTPUTF8 BODY=8BITMIME',
      );
      if (kind === 'exim') await world.story(recipient, 'accepted', 'delivered');
      else {
        const [, bounced] = await world.story(recipient, 'accepted', 'bounced');
        expect(JSON.stringify(bounced)).toContain('5.6.7');
      }
    });
  });
});
