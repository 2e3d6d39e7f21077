'use client';
// Where one can go. Screens that the role or the binding to a tenant leaves empty are left out.
import {
  ArrowRightLeft,
  AtSign,
  BrainCircuit,
  Building2,
  Gauge,
  GitCommitVertical,
  KeyRound,
  Layers,
  LayoutDashboard,
  Mail,
  Network,
  ScanText,
  ScrollText,
  Server,
  ShieldHalf,
  SlidersHorizontal,
  Thermometer,
  Users,
  Waypoints,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useMe, type ProcedurePath } from '@/session/me.tsx';
import { classes } from '@/ui/classes.ts';

/** `needs`: what the screen reads first. */
type Place = { href: string; label: string; icon: LucideIcon; needs: ProcedurePath };
const places: readonly { group: string; items: readonly Place[] }[] = [
  {
    group: 'Now',
    items: [
      { href: '/', label: 'Overview', icon: LayoutDashboard, needs: 'overview.outcomes' },
      { href: '/messages', label: 'Messages', icon: Mail, needs: 'messages.search' },
      { href: '/queues', label: 'Queues', icon: Layers, needs: 'queues.list' },
      { href: '/decisions', label: 'Decisions', icon: BrainCircuit, needs: 'decisions.list' },
      { href: '/traces', label: 'Traces', icon: ScanText, needs: 'traces.list' },
      { href: '/nodes', label: 'Nodes', icon: Server, needs: 'nodes.list' },
    ],
  },
  {
    group: 'Egress',
    items: [
      { href: '/pools', label: 'IP pools', icon: Network, needs: 'pools.list' },
      { href: '/sources', label: 'Sources', icon: Waypoints, needs: 'sources.list' },
      { href: '/warm-ups', label: 'Warm-up', icon: Thermometer, needs: 'warmUps.list' },
      { href: '/providers', label: 'Providers', icon: AtSign, needs: 'providers.list' },
      { href: '/limits', label: 'Limits', icon: Gauge, needs: 'limits.list' },
      { href: '/automations', label: 'Automation', icon: Workflow, needs: 'automations.list' },
      { href: '/delivery-settings', label: 'Delivery settings', icon: SlidersHorizontal, needs: 'settings.list' },
      { href: '/routes', label: 'Routes', icon: ArrowRightLeft, needs: 'routes.list' },
    ],
  },
  {
    group: 'Installation',
    items: [
      { href: '/tenants', label: 'Tenants', icon: Building2, needs: 'streams.list' },
      { href: '/config', label: 'Configuration', icon: GitCommitVertical, needs: 'config.revisions' },
      { href: '/settings/users', label: 'Users', icon: Users, needs: 'users.list' },
      { href: '/settings/roles', label: 'Roles', icon: ShieldHalf, needs: 'roles.list' },
      { href: '/audit', label: 'Audit', icon: ScrollText, needs: 'audit.search' },
      { href: '/settings/keys', label: 'API keys', icon: KeyRound, needs: 'keys.list' },
    ],
  },
];

export function Navigation() {
  const path = usePathname();
  const { version, may } = useMe();
  return (
    <nav aria-label="Main" className="flex gap-1 overflow-x-auto p-2 md:flex-col md:gap-4 md:overflow-visible md:p-3">
      {places
        .filter(({ items }) => items.some(({ needs }) => may.includes(needs)))
        .map(({ group, items }) => (
          <div key={group} className="flex gap-1 md:flex-col md:gap-0.5">
            <p className="hidden px-2 pb-1 text-xs text-muted md:block">{group}</p>
            {items
              .filter(({ needs }) => may.includes(needs))
              .map(({ href, label, icon: Icon }) => {
                const here = href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
                return (
                  <Link
                    key={href}
                    href={href}
                    prefetch={false}
                    aria-current={here ? 'page' : undefined}
                    className={classes(
                      'flex h-8 shrink-0 items-center gap-2 rounded-md px-2 text-sm',
                      here ? 'bg-accent-soft font-medium text-accent-strong' : 'text-text hover:bg-sunken',
                    )}
                  >
                    <Icon aria-hidden className="size-4" />
                    {label}
                  </Link>
                );
              })}
          </div>
        ))}
      <p className="hidden px-2 text-xs text-muted md:block">
        Version {version},{' '}
        <Link href="/api/docs" prefetch={false} target="_blank" className="underline">
          its API
        </Link>
      </p>
    </nav>
  );
}
