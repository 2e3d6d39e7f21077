// A node makes its key known, and takes the shares of fleet keys that were made for it. Looks when secrets change and every few seconds;
// says anew what it holds when that has changed, and now and then.
import type { KeyPair } from '../box.ts';
import { channels } from '../channels.ts';
import { nodeKeyIdOf } from '../fleet.ts';
import { followWith, type NodeLink } from './follower.ts';
import type { Following } from './ports.ts';

export type FleetShare = { fleetId: string; publicKey: string; box: string };
export type NodeKeyState = 'pending' | 'enrolled' | 'removed';

export interface ShareHolder {
  /** Ids of the fleet keys that it can open. */
  holds(): string[];
  /** Everything that is there for this node. */
  take(shares: readonly FleetShare[], state: NodeKeyState): Promise<void>;
}

/** Looks between two reports that say nothing new: a minute or so. */
const quietLooks = 12;
const maxShares = 20;

export function followShares({ database, node, log }: NodeLink, pair: KeyPair, holder: ShareHolder): Following {
  const id = nodeKeyIdOf(pair.publicKey);
  let told = '';
  let state: NodeKeyState = 'pending';
  /** Enrolled with shares, as far as we were told; without either, each look asks. */
  let sure = false;
  let looks = 0;
  return followWith({ database, channel: channels.secret, name: 'fleet keys', log }, async () => {
    const held = holder.holds();
    if (!sure || told !== held.join() || looks % quietLooks === 0) {
      const [answer] = await database.query<{ state: NodeKeyState }>('select sluice_node_key_report($1, $2, $3, $4::text[]) as state', [
        ...[node, id, pair.publicKey],
        held,
      ]);
      state = answer?.state ?? 'pending';
      told = held.join();
    }
    looks += 1;
    const shares = await database.query<FleetShare>(
      'select fleet_key_id as "fleetId", public_key as "publicKey", box from fleet_share where node_key_id = $1 limit $2::int',
      [id, maxShares],
    );
    await holder.take(shares, state);
    const wasSure = sure;
    sure = state === 'enrolled' && shares.length > 0;
    return (wasSure && !sure) || told !== holder.holds().join();
  });
}
