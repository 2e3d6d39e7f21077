// The life of an engine's configuration: copy on disk, feed, swap, refusal, restart.
import { describe, expect, it } from 'vitest';
import type { ConfigAck, ConfigDelta, SecretDelta } from '@sluice/contract';
import type { ConfigFeed, SecretFeed } from '../ports.ts';
import { memoryRecordFile } from '../testing/memory-record-file.ts';
import { deltaOf, id, smallConfig, sourceEntity, type SampleEntity } from '../testing/sample-config.ts';
import { systemClock } from '../host/index.ts';
import { createConfiguration } from './configuration.ts';

type FakeFeed = ConfigFeed & { from: number; offer(delta: ConfigDelta): Promise<ConfigAck> };
function fakeFeed(): FakeFeed {
  let apply: (delta: ConfigDelta) => Promise<ConfigAck> = () => Promise.reject(new Error('nobody follows'));
  return {
    from: -1,
    follow(revision, fn) {
      this.from = revision;
      apply = fn;
      return { stop: () => Promise.resolve() };
    },
    offer: (delta) => apply(delta),
  };
}

type FakeSecretFeed = SecretFeed & { followed: number; offer(delta: SecretDelta): Promise<void> };
function fakeSecretFeed(): FakeSecretFeed {
  let apply: (delta: SecretDelta) => Promise<void> = () => Promise.reject(new Error('nobody follows'));
  return {
    followed: 0,
    follow(_cursor, fn) {
      this.followed += 1;
      apply = fn;
      return { stop: () => Promise.resolve() };
    },
    offer: (delta) => apply(delta),
  };
}

const log = { info: () => undefined, warn: () => undefined };
const sealed = { id: id(900), aad: 'dkim_key:x', ciphertext: 'c2VhbGVk', wraps: { kek: 'd3JhcA==' } };

function rig() {
  const configFile = memoryRecordFile();
  const secretFile = memoryRecordFile();
  const start = async (secretFeed: SecretFeed | null = null) => {
    const configFeed = fakeFeed();
    const configuration = createConfiguration({ clock: systemClock, node: 'n1', configFeed, secretFeed, configFile, secretFile, log });
    await configuration.load();
    configuration.follow();
    return { configuration, configFeed };
  };
  return { configFile, secretFile, start };
}

describe('configuration', () => {
  it('applies a delta, tells the listeners and acknowledges revision and root', async () => {
    const { configuration, configFeed } = await rig().start();
    const seen: number[] = [];
    configuration.onSwap((generation) => void seen.push(generation.revision));
    const delta = deltaOf(3, smallConfig());
    expect(await configFeed.offer(delta)).toEqual({
      node: 'n1',
      revision: 3,
      contentRoot: delta.contentRoot,
      status: 'applied',
      problems: [],
    });
    expect(seen).toEqual([3]);
    expect(configuration.current.source(id(101))?.name).toBe('source 1');
  });

  it('keeps the old generation when a delta is refused and goes on from it with the next', async () => {
    const { configuration, configFeed } = await rig().start();
    await configFeed.offer(deltaOf(1, smallConfig()));
    const bad: SampleEntity = { kind: 'source', id: id(102), body: { name: '' } };
    const ack = await configFeed.offer(deltaOf(2, [bad], smallConfig()));
    expect(ack.status).toBe('refused');
    expect(ack.problems.length).toBeGreaterThan(0);
    expect(configuration.current.revision).toBe(1);
    expect((await configFeed.offer(deltaOf(3, [sourceEntity(2)], smallConfig()))).status).toBe('applied');
    expect(configuration.current.source(id(102))?.name).toBe('source 2');
  });

  it('starts from its copy on disk without any feed, deletions and later changes in it', async () => {
    const { start } = rig();
    const first = await start();
    await first.configFeed.offer(deltaOf(1, [...smallConfig(), sourceEntity(2)]));
    const before = [...smallConfig(), sourceEntity(2)];
    await first.configFeed.offer(deltaOf(2, [{ kind: 'source', id: id(102), body: null }, sourceEntity(1, { name: 'renamed' })], before));
    const { configuration, configFeed } = await start();
    expect(configuration.current.revision).toBe(2);
    expect(configuration.current.contentRoot).toBe(first.configuration.current.contentRoot);
    expect(configuration.current.source(id(102))).toBeUndefined();
    expect(configuration.current.source(id(101))?.name).toBe('renamed');
    expect(configFeed.from).toBe(2);
  });

  it('ignores a batch whose commit line a crash lost, also when later batches follow it', async () => {
    const { start, configFile } = rig();
    await (await start()).configFeed.offer(deltaOf(1, smallConfig()));
    configFile.lines.push(JSON.stringify({ revision: 2, kind: 'source', id: id(103), body: { torn: true } }));
    await (await start()).configFeed.offer(deltaOf(2, [sourceEntity(2)], smallConfig()));
    const { configuration } = await start();
    expect(configuration.current.revision).toBe(2);
    expect(configuration.current.source(id(103))).toBeUndefined();
  });

  it('asks the feed for everything when its copy is damaged, and replaces the copy', async () => {
    const { start, configFile } = rig();
    await (await start()).configFeed.offer(deltaOf(1, smallConfig()));
    configFile.lines[0] = '{"not": json';
    const { configuration, configFeed } = await start();
    expect(configuration.current.revision).toBe(0);
    expect(configFeed.from).toBe(0);
    await configFeed.offer(deltaOf(1, smallConfig()));
    expect(configFile.replaced).toBe(1);
    expect((await start()).configuration.current.revision).toBe(1);
  });

  it('runs a revision that could not be written to disk, and writes the whole copy with the next', async () => {
    const { start, configFile } = rig();
    const { configuration, configFeed } = await start();
    configFile.failing = true;
    expect((await configFeed.offer(deltaOf(1, smallConfig()))).status).toBe('applied');
    expect(configuration.current.revision).toBe(1);
    configFile.failing = false;
    await configFeed.offer(deltaOf(2, [sourceEntity(2)], smallConfig()));
    expect((await start()).configuration.current.source(id(101))?.name).toBe('source 1');
  });

  it('does not let its copy grow without bound under many small edits', async () => {
    const { start, configFile } = rig();
    const { configFeed } = await start();
    await configFeed.offer(deltaOf(1, smallConfig()));
    const history: SampleEntity[] = [...smallConfig()];
    for (let revision = 2; revision < 2500; revision++) {
      const edit = sourceEntity(1, { name: `name ${revision}` });
      const delta = deltaOf(revision, [edit], [...smallConfig(), ...history.slice(-1)]);
      history.push(edit);
      expect((await configFeed.offer(delta)).status).toBe('applied');
    }
    expect(configFile.lines.length).toBeLessThan(2500);
    expect((await start()).configuration.current.revision).toBe(2499);
  });

  it('keeps sealed secrets as they came, over a restart, and tells which changed', async () => {
    const { start, secretFile } = rig();
    const feed = fakeSecretFeed();
    const { configuration, configFeed } = await start(feed);
    await configFeed.offer(deltaOf(1, smallConfig()));
    const changed: string[] = [];
    configuration.onSecrets((ids) => changed.push(...ids));
    await feed.offer({ cursor: 7, secrets: [{ cursor: 7, id: id(900), secret: sealed }] });
    expect(changed).toEqual([id(900)]);
    expect(secretFile.lines.join('')).toContain('c2VhbGVk');
    expect((await start()).configuration.sealedSecret(id(900))).toEqual(sealed);
    await feed.offer({ cursor: 8, secrets: [{ cursor: 8, id: id(900), secret: null }] });
    expect((await start()).configuration.sealedSecret(id(900))).toBeUndefined();
  });

  it('follows secrets once something is in force: at once with a copy on disk, else behind the first delta, refused or not', async () => {
    const { start } = rig();
    const [cold, warm] = [fakeSecretFeed(), fakeSecretFeed()];
    const { configFeed } = await start(cold);
    expect(cold.followed).toBe(0);
    await configFeed.offer(deltaOf(1, [{ kind: 'source', id: id(102), body: { name: '' } }]));
    expect(cold.followed).toBe(1);
    await configFeed.offer(deltaOf(2, smallConfig()));
    expect(cold.followed).toBe(1);
    await start(warm);
    expect(warm.followed).toBe(1);
  });

  it('does not begin to follow secrets when its first delta ends after it was stopped', async () => {
    const feed = fakeSecretFeed();
    const { configuration, configFeed } = await rig().start(feed);
    await configuration.stop();
    await configFeed.offer(deltaOf(1, smallConfig()));
    expect(feed.followed).toBe(0);
  });
});
