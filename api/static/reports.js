// Charts: a line that reads the part under the pointer or the focus, arrow keys from part to part; and the
// definition of a measure on hover and focus. Without this file links and tables do the same.
(() => {
  'use strict';

  const middle = (mark) => {
    const box = mark.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };

  /** The nearest mark above (-1) or below (1): what lies aside counts thrice. */
  const beyond = (marks, from, way) => {
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    for (const mark of marks) {
      const [toX, toY] = middle(mark);
      const down = (toY - y) * way;
      const far = down + 3 * Math.abs(toX - x);
      if (down > 4 && far < least) [best, least] = [mark, far];
    }
    return best;
  };

  const STEPS = {
    ArrowRight: (marks, at) => marks[at + 1],
    ArrowLeft: (marks, at) => marks[at - 1],
    ArrowDown: (marks, at) => beyond(marks, marks[at], 1),
    ArrowUp: (marks, at) => beyond(marks, marks[at], -1),
    Home: (marks) => marks[0],
    End: (marks) => marks[marks.length - 1],
  };

  const chart = (drawing) => {
    const marks = [...drawing.querySelectorAll('.mark')];
    const line = drawing.closest('.picture').querySelector('[data-readout]');
    const hint = line.textContent;
    const read = (mark) => {
      line.textContent = mark ? mark.getAttribute('aria-label') : hint;
      line.classList.toggle('says', Boolean(mark));
    };
    const reach = (mark) => marks.forEach((one) => one.setAttribute('tabindex', one === mark ? '0' : '-1'));
    if (marks.length) reach(marks[0]);
    for (const mark of marks) mark.querySelector('title')?.remove(); // said by the line, not twice
    const markOf = (event) => event.target.closest('.mark');
    drawing.addEventListener('pointerover', (event) => read(markOf(event) || drawing.querySelector('.mark:focus')));
    drawing.addEventListener('pointerleave', () => read(drawing.querySelector('.mark:focus')));
    drawing.addEventListener('focusin', (event) => {
      const mark = markOf(event);
      if (mark) { reach(mark); read(mark); }
    });
    drawing.addEventListener('focusout', () => read(null));
    drawing.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      const at = marks.indexOf(markOf(event));
      if (!step || at < 0) return;
      event.preventDefault();
      step(marks, at)?.focus();
    });
  };

  /** Show a definition beside its name; it stays while the pointer is on it, and Escape closes it. */
  const definition = (name) => {
    const about = document.getElementById(name.dataset.about);
    if (!about || !about.showPopover) return;
    let leaving = 0;
    const show = () => {
      clearTimeout(leaving);
      if (about.matches(':popover-open')) return;
      about.showPopover();
      const at = name.getBoundingClientRect();
      const box = about.getBoundingClientRect();
      const left = Math.min(Math.max(at.left, 8), window.innerWidth - box.width - 8);
      const below = at.bottom + 6;
      about.style.margin = '0';
      about.style.left = `${Math.max(left, 8)}px`;
      about.style.top = `${below + box.height > window.innerHeight ? Math.max(at.top - box.height - 6, 8) : below}px`;
    };
    const hide = () => { if (about.matches(':popover-open')) about.hidePopover(); };
    const later = () => { clearTimeout(leaving); leaving = setTimeout(hide, 200); };
    name.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') show(); });
    name.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') later(); });
    about.addEventListener('pointerenter', () => clearTimeout(leaving));
    about.addEventListener('pointerleave', later);
    name.addEventListener('focusin', (event) => { if (event.target.matches(':focus-visible')) show(); });
    name.addEventListener('focusout', hide);
    name.querySelector('button')?.addEventListener('click', (event) => {
      event.preventDefault(); // else the second press closes what the pointer or the focus opened
      show();
    });
  };

  document.querySelectorAll('[data-chart]').forEach(chart);
  document.querySelectorAll('[data-about]').forEach(definition);
})();
