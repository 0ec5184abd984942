import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Machines } from './Machines.tsx';
import { isKind, kindNames, kinds, type Offer } from './offers.ts';
import { Relays } from './Relays.tsx';
import { RentDrawer } from './RentDrawer.tsx';

/** Machines, render nodes and VPN relays that can be rented. */
export function ServicesPage() {
  const { kind = '' } = useParams();
  const navigate = useNavigate();
  const [offer, setOffer] = useState<Offer>();
  if (!isKind(kind)) return <Navigate to="/services/mr" replace />;
  return (
    <>
      <PageHeader title="Services" calls={[`services.${kind}.find()`, `services.${kind}.start()`]}>
        Choose, rent, and watch what it costs.
      </PageHeader>
      <Tabs value={kind} onChange={(value) => navigate(`/services/${value}`)} keepMounted={false}>
        <Tabs.List mb="md" aria-label="Kind of service">
          {kinds.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {kindNames[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="mr">
          <Machines kind="mr" onRent={setOffer} />
        </Tabs.Panel>
        <Tabs.Panel value="render">
          <Machines kind="render" onRent={setOffer} />
        </Tabs.Panel>
        <Tabs.Panel value="vpn">
          <Relays onRent={setOffer} />
        </Tabs.Panel>
      </Tabs>
      <RentDrawer offer={offer} onClose={() => setOffer(undefined)} />
    </>
  );
}
