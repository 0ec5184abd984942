import { NavLink } from '@mantine/core';
import {
  Activity,
  BookOpen,
  Boxes,
  Cpu,
  Gauge,
  Globe,
  type LucideIcon,
  ServerCog,
  ShoppingCart,
  Timer,
  UserRound,
} from 'lucide-react';
import { Link, useLocation } from 'react-router';
import { documentation, isStatic } from './static.ts';

const entries: readonly (readonly [path: string, label: string, icon: LucideIcon])[] = [
  ['/', 'Dashboard', Gauge],
  ['/services', 'Services', ShoppingCart],
  ['/sessions', 'Sessions', Timer],
  ['/nodes', 'Nodes', ServerCog],
  ['/apps', 'Apps', Boxes],
  ['/account', 'Account', UserRound],
  ['/network', 'Network', Globe],
  ['/idle-jobs', 'Idle jobs', Cpu],
  ['/diagnostics', 'Diagnostics', Activity],
];

/** Links to the pages. */
export function Navigation() {
  const { pathname } = useLocation();
  return (
    <nav aria-label="Pages" style={{ padding: 8 }}>
      {entries.map(([path, label, Icon]) => {
        const active = path === '/' ? pathname === '/' : pathname.startsWith(path);
        return (
          <NavLink
            key={path}
            component={Link}
            to={path}
            label={label}
            active={active}
            leftSection={<Icon size={18} aria-hidden />}
            {...(active ? { 'aria-current': 'page' as const } : {})}
            py={7}
            style={{ borderRadius: 8 }}
          />
        );
      })}
      {isStatic && (
        <NavLink
          href={documentation}
          label="Documentation"
          leftSection={<BookOpen size={18} aria-hidden />}
          py={7}
          style={{ borderRadius: 8 }}
        />
      )}
    </nav>
  );
}
