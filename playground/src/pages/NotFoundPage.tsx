import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { Empty } from '../components/Empty.tsx';
import { PageHeader } from '../components/PageHeader.tsx';

/** For addresses that are none. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" calls={[]} />
      <Empty>
        There is nothing here.{' '}
        <Anchor component={Link} to="/" underline="always">
          Go to the dashboard
        </Anchor>
      </Empty>
    </>
  );
}
