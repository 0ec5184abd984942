import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { goLiveIfAsked } from './app/start.ts';

await goLiveIfAsked();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
