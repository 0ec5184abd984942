import { AppShell, Box, ScrollArea } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation } from 'react-router';
import { Header } from './Header.tsx';
import { RequestLog } from './log/RequestLog.tsx';
import { Navigation } from './Navigation.tsx';
import { Settings } from './settings/Settings.tsx';
import './shell.css';

const heights = { header: 56, closed: 44, open: 300 };

/** After a change of page, moves the focus to its title, as after a load. */
function useFocusOnTitle(): void {
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else if (pathname !== '') document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [pathname]);
}

/** Moves the focus to the page. It is not a link: on the documentation site, the part after # in the URL is the path of the page. */
function skip(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}

/** The frame of every page: header, sidebar, and the log of requests. */
export function Shell() {
  const [navigating, { toggle, close }] = useDisclosure();
  const [logOpen, setLogOpen] = useLocalStorage({
    key: 'log-open',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const { pathname } = useLocation();
  useFocusOnTitle();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone a page that was chosen covers the sidebar again
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: heights.header }}
      navbar={{ width: 288, breakpoint: 'sm', collapsed: { mobile: !navigating } }}
      footer={{ height: logOpen ? heights.open : heights.closed }}
      padding="md"
      transitionDuration={0}
    >
      <ScrollRestoration />
      <button type="button" className="skip" onClick={skip}>
        Skip to the page
      </button>
      <AppShell.Header>
        <Header navigating={navigating} onNavigate={toggle} />
      </AppShell.Header>
      <AppShell.Navbar aria-label="Sidebar" className="sidebar" data-open={navigating}>
        <AppShell.Section grow component={ScrollArea} type="auto" offsetScrollbars="present">
          <Navigation />
          <Settings />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Box maw={1240} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
      <AppShell.Footer>
        <RequestLog open={logOpen} onToggle={() => setLogOpen(!logOpen)} height={heights} />
      </AppShell.Footer>
    </AppShell>
  );
}
