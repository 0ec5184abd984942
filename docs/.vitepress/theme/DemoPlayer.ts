/** Plays a recording of a terminal. A button shows all of it at once. */
import { computed, defineComponent, h, onBeforeUnmount, onMounted, type PropType, ref, watch } from 'vue';

interface Line {
  readonly text: string;
  /** Time since the start of the recording. Unit: ms. */
  readonly atMs: number;
}

/** Longest pause between two lines; longer ones are shortened. Unit: ms. */
const longestPause = 700;

/** Plays the lines one after the other. `shown` is the number of visible lines. */
function usePlayer(lines: readonly Line[]) {
  const shown = ref(lines.length);
  const playing = ref(false);
  let timer: number | undefined;
  const pause = () => {
    window.clearTimeout(timer);
    playing.value = false;
  };
  const next = () => {
    if (shown.value >= lines.length) return pause();
    const gap = (lines[shown.value]?.atMs ?? 0) - (lines[shown.value - 1]?.atMs ?? 0);
    timer = window.setTimeout(
      () => {
        shown.value += 1;
        next();
      },
      Math.min(gap, longestPause),
    );
  };
  const play = () => {
    if (shown.value >= lines.length) shown.value = 0;
    playing.value = true;
    next();
  };
  const showAll = () => {
    pause();
    shown.value = lines.length;
  };
  return { shown, playing, play, pause, showAll };
}

export const DemoPlayer = defineComponent({
  props: { lines: { type: Array as PropType<readonly Line[]>, required: true } },
  setup({ lines }) {
    const screen = ref<HTMLElement>();
    const { shown, playing, play, pause, showAll } = usePlayer(lines);
    const follow = () => {
      const last = screen.value?.querySelector<HTMLElement>('.demo-last');
      if (playing.value && screen.value && last) {
        screen.value.scrollTop = last.offsetTop + 60 - screen.value.clientHeight;
      }
    };
    watch(shown, follow, { flush: 'post' });
    const label = computed(() => (playing.value ? 'Pause' : 'Play'));
    let visible: IntersectionObserver | undefined;
    onMounted(() => {
      // If the reader prefers reduced motion, the recording starts only with the button.
      if (window.matchMedia('(prefers-reduced-motion: reduce)').matches || !screen.value) return;
      visible = new IntersectionObserver(([entry]) => {
        if (!entry?.isIntersecting) return;
        visible?.disconnect();
        play();
      });
      visible.observe(screen.value);
    });
    onBeforeUnmount(() => {
      visible?.disconnect();
      pause();
    });

    const lineView = ({ text }: Line, at: number) =>
      h(
        'span',
        {
          key: at,
          class: {
            'demo-line': true,
            'demo-last': at === shown.value - 1,
            // Screen readers read it all the same.
            'demo-coming': at >= shown.value,
            'demo-step': /^\d+\. /.test(text),
          },
        },
        `${text}\n`,
      );
    return () =>
      h('section', { class: 'demo', 'aria-label': 'Recording of the demo' }, [
        h('div', { class: 'demo-bar' }, [
          h('span', { class: 'demo-title' }, 'npm run demo'),
          h('button', { type: 'button', onClick: playing.value ? pause : play }, label.value),
          h('button', { type: 'button', onClick: showAll }, 'Show all'),
        ]),
        h(
          'div',
          { ref: screen, class: 'demo-screen', tabindex: 0, role: 'region', 'aria-label': 'Output of the demo' },
          [h('pre', lines.map(lineView))],
        ),
      ]);
  },
});
