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
  'starttls.example': { tls: 'required' },
};
/** No STARTTLS with OpenSMTPD: unpacked like this, its handshakes do not complete, and why is not known yet. */
const waysOf = (kind: Kind): string[] => Object.keys(ways).filter((domain) => kind === 'exim' || ways[domain]?.tls === 'disabled');
const bigBody = Array.from({ length: 26_000 }, (_, index) => `.${String(index).padStart(8, '0')}${'x'.repeat(68)}`);

/** What `send` takes: octets as latin1, without the last line end. */
const octets = (text: string): string => Buffer.from(text.replace(/\r\n$/, ''), 'utf8').toString('latin1');

const entities = (port: number): Entity[] =>
  Object.entries(ways).flatMap(([domain, values], index) => [
    { kind: 'route', id: id(200 + index), body: { domain, host: '127.0.0.1', port } },
    { kind: 'setting', id: id(300 + index), body: { name: domain, where: { domain }, values } },
  ]);

describe.each<Kind>(['exim', 'opensmtpd'])('mail to %s', (kind) => {
  const problem = mtaProblem(kind);
  describe.skipIf(problem !== null)(`on loopback${problem ? ` (skipped: ${problem})` : ''}`, () => {
    let mta: PrivateMta;
    let world: World;
    beforeAll(async () => {
      mta = await startPrivateMta(kind);
      world = await startWorld({ entities: entities(mta.port), settings: { retry: { kind: 'list', seconds: [2] } } });
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
        expect(delivered?.tls !== null).toBe(ways[domain]?.tls === 'required');
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
