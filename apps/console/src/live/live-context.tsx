'use client';
// The live picture inside React, with the operator's pause switch: while it is on, the page keeps the picture it had.
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { LiveFeed, type Feed } from './feed.ts';
import { freshnessOf, type Freshness } from './rates.ts';

type Live = { feed: Feed; freshness: Freshness; paused: boolean; setPaused: (paused: boolean) => void };
const LiveContext = createContext<Live | null>(null);

const notOffered: Freshness = { state: 'live', silentNodes: [], lastFrameAt: null };
const none: Feed = { tick: null, receivedAt: null, before: null, leading: false };

/** Milliseconds since the epoch, renewed every second; 0 until the page runs in a browser. */
export function useNow(): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** `offered`: whether whoever is signed in may see live figures; else no stream is opened, and nothing is said to be stale. */
export function LiveProvider({ userId, offered, children }: { userId: string; offered: boolean; children: ReactNode }) {
  const client = useTRPCClient();
  const [source] = useState(() => new LiveFeed(client, userId));
  const newest = useSyncExternalStore(source.subscribe, source.current, () => none);
  const [held, setHeld] = useState<Feed | null>(null);
  const [openedAt, setOpenedAt] = useState(0);
  const now = useNow();
  useEffect(() => {
    setOpenedAt(Date.now());
    return offered ? source.start() : undefined;
  }, [source, offered]);
  const feed = held ?? newest;
  const value = useMemo<Live>(
    () => ({
      feed,
      freshness: offered ? freshnessOf(newest, now, openedAt === 0 ? now : openedAt) : notOffered,
      paused: held !== null,
      setPaused: (paused) => setHeld(paused ? source.current() : null),
    }),
    [feed, newest, now, openedAt, held, source, offered],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive is used outside LiveProvider');
  return live;
}
