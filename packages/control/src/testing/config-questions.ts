// Questions of questions.ts about the configuration as a whole.
import { okay } from './control.ts';
import { fresh, reason, type Question } from './question.ts';
import type { TenantThings, World } from './world.ts';

const head = async ({ it }: World): Promise<number> => (await it.db.configHead.findFirstOrThrow()).number;
const newLimit = () => `sluice: 1\nlimits:\n  ${fresh('text-limit')}: { kind: message_rate, count: 5 }\n`;

/** The last revision that is the tenant's: one of its own is made, so that it is there for an operator of the tenant. */
async function aRevision(world: World, { tenantId }: TenantThings): Promise<number> {
  const input = { tenantId, domain: `${fresh('seen')}.example`, reason };
  return okay<{ revision: number }>(await world.it.call('mutation', 'domains.create', input, 'local')).revision;
}

async function aDraft({ it }: World): Promise<{ id: string }> {
  const id = crypto.randomUUID();
  const { number: baseRevision } = await it.db.configHead.findFirstOrThrow();
  await it.db.configDraft.create({
    data: { id, name: fresh('draft'), authorId: 'someone', author: 'someone', baseRevision, mode: 'merge', text: newLimit() },
  });
  return { id };
}

export const configQuestions: Readonly<Record<string, Question>> = {
  'config.revision': async (world, of) => ({ number: await aRevision(world, of) }),
  'config.diff': async (world) => ({ from: 1, to: await head(world) }),
  'config.sinceLook': () => undefined,
  'config.looked': async (world) => ({ revision: await head(world) }),
  'config.wait': async (world) => ({ revision: await head(world) }),
  'config.rollBackPlan': async (world) => ({ to: (await head(world)) - 1 }),
  'config.rollBack': async (world) => {
    const limit = { name: fresh('limit'), where: {}, by: [], kind: 'message_rate', count: 10, reason };
    okay(await world.it.call('mutation', 'limits.create', limit, 'local'));
    const baseRevision = await head(world);
    return { to: baseRevision - 1, baseRevision, reason };
  },
  'config.export': () => ({ sections: ['limits'] }),
  'config.planText': () => ({ text: newLimit(), mode: 'merge' }),
  'config.applyText': async (world) => ({ text: newLimit(), mode: 'merge', baseRevision: await head(world), reason }),
  'config.get': () => ({ section: 'pools', name: 'shared' }),
  'config.locks': () => undefined,
  'config.lock': async ({ it }) => {
    await it.db.configLock.deleteMany();
    return { section: 'warmUps', name: 'somewhere', reason };
  },
  'config.unlock': async ({ it }) => {
    await it.db.configLock.deleteMany();
    await it.db.configLock.create({ data: { section: 'warmUps', name: 'somewhere', reason, lockedBy: 'someone' } });
    return { section: 'warmUps', reason };
  },
  'config.check': () => undefined,
  'config.drafts': () => undefined,
  'config.draft': aDraft,
  'config.planDraft': aDraft,
  'config.saveDraft': async (world) => ({ name: fresh('draft'), text: newLimit(), mode: 'merge', baseRevision: await head(world) }),
  'config.publishDraft': async (world) => ({ ...(await aDraft(world)), reason }),
  'config.discardDraft': aDraft,
};
