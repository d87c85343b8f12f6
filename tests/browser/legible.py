"""What can be measured of whether a page can be read: width, contrast, and names of fields."""

from tests.browser.chromium import Page


async def too_wide(page: Page) -> list[str]:
    """Whatever has to be scrolled sideways to."""
    return [str(found) for found in await page.run(_TOO_WIDE)]


async def too_faint(page: Page) -> list[str]:
    """Words that stand out less than WCAG 2.2 wants: 4.5 to 1, and 3 to 1 for large ones."""
    return [str(found) for found in await page.run(_TOO_FAINT)]


async def without_label(page: Page) -> list[str]:
    """Fields and buttons of which a screen reader could not say what they are for."""
    return [str(found) for found in await page.run(_WITHOUT_LABEL)]


_TOO_WIDE = """(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > width + 1);
  return ["wider than " + width + ": " + wide.map(one => one.tagName + "." + one.className).join(" ")];
})()"""

# https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
_TOO_FAINT = """(() => {
  const read = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = one => {
    for (let at = one; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const said = one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll("body *")].filter(one => said(one) && one.checkVisibility()).map(one => {
    const style = getComputedStyle(one), ink = light(read(style.color)), paper = light(ground(one));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return ratio < (large ? 3 : 4.5) ? ratio.toFixed(2) + ": " + one.innerText.slice(0, 40) : "";
  }).filter(Boolean);
})()"""

_WITHOUT_LABEL = """(() => {
  const fields = [...document.querySelectorAll("input:not([type=hidden]), textarea, button, iframe, a")];
  const named = one => one.innerText?.trim() || one.title || one.getAttribute("aria-label") ||
    [...(one.labels || [])].some(label => label.innerText.trim());
  return fields.filter(one => !named(one)).map(one => one.outerHTML.slice(0, 80));
})()"""
