// What screens are told of an event: the reply rule with its meaning, for as long as the provider has it.
import type { messagesTimeline } from '@sluice/contract/api';
import { gmail } from '@sluice/providers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
});
afterAll(() => it.close());

test('a refusal comes with the rule that read it and what that means', async () => {
  const { tenantId, streamId } = world.mine;
  const named = [gmail.replyRules[0]?.key ?? '', 'gmail.gone', null];
  await it.db.deliveryEvent.createMany({
    data: named.map((replyRule, index) => ({
      ...{
        id: `node-1/0/rules/1/${index}`,
        contentHash: 'x',
        at: new Date(it.now().getTime() + index),
        type: 'deferred',
        tenantId,
        streamId,
      },
      ...{
        messageId: 'ruled',
        entryId: 'ruled.0',
        sender: 'a@b.example',
        recipient: 'c@gmail.com',
        domain: 'gmail.com',
        provider: 'gmail',
      },
      body: { node: 'node-1', egress: 'sandbox', attempt: index + 1, ...(replyRule !== null && { replyRule }) },
    })),
  });
  const answer = await it.call('query', 'messages.timeline', { entryId: 'ruled.0' }, 'local');
  const { events } = okay<z.infer<typeof messagesTimeline.output>>(answer);
  expect(events.map(({ replyRule }) => replyRule)).toEqual([
    { key: named[0], meaning: gmail.replyRules[0]?.meaning },
    { key: 'gmail.gone', meaning: null },
    null,
  ]);
});
