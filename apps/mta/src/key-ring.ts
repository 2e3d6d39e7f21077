// What this node opens secrets with: its own key pair, the shares of fleet keys that were made for it, kept as they came on its disk and
// opened when first used, and, where the operator has given it to this process, the key-encryption key itself.
import type { RecordFile } from '@sluice/engine';
import { fingerprintOf, kekIdOf, nodeKeyIdOf, openFleetShare, type KeyPair, type Opener } from '@sluice/plane';
import type { FleetShare, NodeKeyState, ShareHolder } from '@sluice/plane/engine';

/** Shares of former fleet keys stay: secrets on this disk may still be sealed for them. */
const keptShares = 20;

type RingLog = (level: 'info' | 'warn', message: string, facts: object) => void;

export interface KeyRing extends ShareHolder {
  /** Reads what is on disk. Call once. */
  load(): Promise<void>;
  /** Whoever may open a secret of these recipients, the likeliest first. */
  openers(recipientIds: readonly string[]): Opener[];
}

function shareOf(line: string): FleetShare[] {
  try {
    const { fleetId, publicKey, box } = JSON.parse(line) as Partial<FleetShare>;
    return fleetId !== undefined && publicKey !== undefined && box !== undefined ? [{ fleetId, publicKey, box }] : [];
  } catch {
    return []; // the next share rewrites the file
  }
}

/** `onNew` hears when secrets may open that did not before. */
export function keyRing(
  { pair, file, kek }: { pair: KeyPair; file: RecordFile; kek: Uint8Array | null },
  log: RingLog,
  onNew: () => void,
): KeyRing {
  const shares = new Map<string, FleetShare>();
  const opened = new Map<string, Opener | null>();
  let known: NodeKeyState | null = null;

  function fleetOpener(fleetId: string): Opener | null {
    const before = opened.get(fleetId);
    if (before !== undefined) return before;
    const share = shares.get(fleetId);
    if (!share) return null;
    const opener = openFleetShare(pair, share) ?? null;
    if (!opener) log('warn', 'a share of the fleet key cannot be opened with the key of this node', { fleetId });
    opened.set(fleetId, opener);
    return opener;
  }

  function tellState(state: NodeKeyState): void {
    if (known === state) return;
    known = state;
    const fingerprint = fingerprintOf(nodeKeyIdOf(pair.publicKey));
    if (state === 'enrolled') log('info', 'this node is enrolled', { fingerprint });
    else if (state === 'pending')
      log('warn', 'this node is not enrolled and can open no secret; compare its key and enrol it under Nodes', { fingerprint });
    else log('warn', 'this node was removed and can open no secret that is sealed since', { fingerprint });
  }

  return {
    async load() {
      for (const line of await file.read()) for (const share of shareOf(line)) shares.set(share.fleetId, share);
    },
    openers(recipientIds) {
      const fleet = recipientIds.flatMap((id) => fleetOpener(id) ?? []);
      return kek === null ? fleet : [...fleet, { id: kekIdOf(kek), key: kek }];
    },
    holds: () => [...shares.keys()].filter((id) => fleetOpener(id) !== null),
    async take(given, state) {
      tellState(state);
      const fresh = given.filter((share) => !shares.has(share.fleetId));
      if (fresh.length === 0) return;
      for (const share of fresh) shares.set(share.fleetId, share);
      for (const old of [...shares.keys()].slice(0, -keptShares)) {
        shares.delete(old);
        opened.delete(old);
      }
      await file.replace([...shares.values()].map((share) => JSON.stringify(share)));
      onNew();
    },
  };
}
