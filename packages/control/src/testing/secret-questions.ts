// Questions of questions.ts about who may open secrets.
import { makeKeyPair, nodeKeyIdOf } from '@sluice/plane';
import { fresh, reason, type Question } from './question.ts';
import type { World } from './world.ts';

async function aNodeKey({ it }: World, state: string): Promise<string> {
  const { publicKey } = makeKeyPair();
  const id = nodeKeyIdOf(publicKey);
  await it.db.nodeKey.create({ data: { id, node: fresh('node'), publicKey, state } });
  return id;
}

export const secretQuestions: Readonly<Record<string, Question>> = {
  'nodes.keys': () => undefined,
  'nodes.enroll': async (world) => ({ keyId: await aNodeKey(world, 'pending'), reason }),
  'nodes.remove': async (world) => ({ keyId: await aNodeKey(world, 'enrolled'), reason }),
  'secrets.status': () => undefined,
  'secrets.rotateFleetKey': async ({ it }) => {
    await it.control.rewrap.run();
    return { reason };
  },
};
