// Make a map of each <div class="map" data-geojson="URL"> once it comes into sight.
//
// In: features with a point each (RFC 7946); the properties of one are shown when it is chosen.
// Leaflet and the outlines of the world come from vendor/, and only when a map is in sight.
// Without this script such an element keeps what it holds.
"use strict";

const coopgraph = (() => {
  const script = document.currentScript.src;
  const LONGEST_ADDRESS = 6000; // servers and proxies refuse longer request lines
  const MOST_FACTS = 8;
  const numbers = new Intl.NumberFormat("en");
  let parts; // what the first map loads, for the others

  // Asking -------------------------------------------------------------------------------------

  /** Ask for an address; one too long for a request line is sent as a form. */
  function ask(address, accept, signal) {
    const headers = { Accept: accept };
    if (address.length <= LONGEST_ADDRESS) return fetch(address, { headers, signal });
    const url = new URL(address, location.href);
    return fetch(url.pathname, { method: "POST", body: url.searchParams, headers, signal });
  }

  /** What went wrong, from an answer that is none: a problem document (RFC 9457), or its status. */
  async function problem(response) {
    const wait = Number(response.headers.get("Retry-After"));
    const found = { title: response.statusText, status: response.status, retryAfter: wait, detail: "" };
    if (response.headers.get("Content-Type")?.includes("json")) {
      Object.assign(found, await response.json().catch(() => ({})));
    }
    found.detail ||= `The server answered ${response.status} ${response.statusText}.`;
    return found;
  }

  /** The address of the page about a thing: ours for things of ours, "" for what has none. */
  function pageOf(name) {
    const { things, pages } = document.body.dataset;
    if (things && name.startsWith(things)) return pages + name.slice(things.length);
    return /^https?:\/\//.test(name) ? name : "";
  }

  // Loading ------------------------------------------------------------------------------------

  /** The address of a file beside this script, of the same version as it. */
  function beside(path) {
    const url = new URL(path, script);
    url.search = new URL(script).search;
    return url.href;
  }

  function load(tag, properties) {
    return new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement(tag), properties);
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => reject(new Error("A part of the map is missing.")));
      document.head.append(element);
    });
  }

  async function loadParts() {
    const sheets = ["vendor/leaflet/leaflet.css", "vendor/markercluster/MarkerCluster.css", "map.css"];
    const outlines = fetch(beside("vendor/outlines/outlines.json")).then((found) => found.json());
    await Promise.all([
      load("script", { src: beside("vendor/leaflet/leaflet.js") }).then(() =>
        load("script", { src: beside("vendor/markercluster/leaflet.markercluster.js") }),
      ),
      ...sheets.map((path) => load("link", { rel: "stylesheet", href: beside(path) })),
    ]);
    return { world: decoded(await outlines) };
  }

  /** The lines of a TopoJSON document in degrees, as Leaflet wants them: latitude first. */
  function decoded({ arcs, transform, objects }) {
    const degrees = (point) => [point[1] * transform.scale[1], point[0] * transform.scale[0]];
    const lines = arcs.map((arc) => {
      const at = [0, 0];
      return arc.map(([x, y]) => degrees([(at[0] += x), (at[1] += y)]));
    });
    const names = (object) =>
      object.geometries.map((shape) => ({ ...shape.properties, at: degrees(shape.coordinates) }));
    return {
      land: objects.land.arcs.map(([[arc]]) => [lines[arc]]),
      countries: objects.countries.arcs.map(([arc]) => lines[arc]),
      states: objects.states.arcs.map(([arc]) => lines[arc]),
      countryNames: names(objects.countryNames),
      stateNames: names(objects.stateNames),
    };
  }

  // Drawing ------------------------------------------------------------------------------------

  const STATES_FROM_ZOOM = 4;

  function drawWorld(map, world) {
    const still = { interactive: false, renderer: L.svg({ padding: 0.5, pane: "tilePane" }) };
    const states = L.polyline(world.states, { ...still, className: "map-state" });
    L.polygon(world.land, { ...still, stroke: false, className: "map-land" }).addTo(map);
    L.polyline(world.countries, { ...still, className: "map-border" }).addTo(map);
    const names = L.layerGroup().addTo(map);
    map.createPane("names").setAttribute("aria-hidden", "true");
    const redraw = () => {
      const near = map.getZoom() >= STATES_FROM_ZOOM;
      states[near ? "addTo" : "removeFrom"](map);
      names.clearLayers();
      drawNames(map, names, world.countryNames, "map-country");
      if (near) drawNames(map, names, world.stateNames, "map-region");
    };
    map.on("zoomend", redraw);
    redraw();
  }

  /** Put down the names that have room where they stand. */
  function drawNames(map, layer, names, className) {
    const pixels = (256 * 2 ** map.getZoom()) / 360;
    for (const { name, width, at } of names) {
      if (width * pixels < 8 * name.length) continue;
      const icon = L.divIcon({ className, html: element("span", name), iconSize: [0, 0] });
      L.marker(at, { icon, pane: "names", interactive: false, keyboard: false }).addTo(layer);
    }
  }

  function drawPoints(map, features, calm) {
    const points = L.markerClusterGroup({
      maxClusterRadius: 64,
      showCoverageOnHover: false,
      animate: !calm,
      iconCreateFunction: (cluster) => clusterIcon(cluster.getChildCount()),
    });
    points.addLayers(features.map(marker));
    points.addTo(map);
    map.fitBounds(points.getBounds(), { padding: [30, 30], maxZoom: 8, animate: false });
  }

  function clusterIcon(count) {
    const html = element("span", numbers.format(count));
    html.append(element("span", " points; come closer", "away"));
    const size = 30 + 6 * String(count).length;
    return L.divIcon({ html, className: "map-cluster", iconSize: [size, size] });
  }

  function marker(feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const icon = L.divIcon({ className: "map-point", iconSize: [16, 16] });
    const found = L.marker([latitude, longitude], { icon, title: titleOf(feature) });
    return found.bindPopup(() => card(feature), { maxWidth: 280 });
  }

  // What is shown of a point -------------------------------------------------------------------

  const isName = (value) => typeof value === "string" && !/^\w+:\/\//.test(value);

  /** The first text among the properties, else whatever comes first. */
  function titleOf({ properties }) {
    const values = Object.values(properties ?? {});
    return String(values.find(isName) ?? values[0] ?? "Point");
  }

  function card(feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const facts = Object.entries(feature.properties ?? {});
    const title = titleOf(feature);
    const subject = facts.map(([, value]) => String(value)).find((value) => pageOf(value));
    const whole = element("div", "", "map-card");
    whole.append(subject ? linked(title, pageOf(subject)) : element("strong", title));
    const list = element("dl");
    const others = facts.filter(([, value]) => value !== title && value !== subject);
    for (const [name, value] of others.slice(0, MOST_FACTS)) {
      const page = pageOf(String(value));
      const detail = element("dd", page ? "" : String(value));
      if (page) detail.append(linked(String(value), page));
      list.append(element("dt", name), detail);
    }
    const place = `?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`;
    whole.append(list, linked("Streets around it", `https://www.openstreetmap.org/${place}`));
    return whole;
  }

  function element(tag, text = "", className = "") {
    const made = Object.assign(document.createElement(tag), { textContent: text });
    if (className) made.className = className;
    return made;
  }

  function linked(text, address) {
    const link = Object.assign(element("a", text), { href: address });
    if (link.origin !== location.origin) link.rel = "external nofollow";
    return link;
  }

  // A map --------------------------------------------------------------------------------------

  async function show(place) {
    const status = element("p", "The map is coming…", "quiet");
    status.setAttribute("role", "status");
    place.replaceChildren(status);
    try {
      parts ??= loadParts();
      const response = await ask(place.dataset.geojson, "application/geo+json");
      if (!response.ok) throw new Error((await problem(response)).detail);
      const features = (await response.json()).features.filter(isPoint);
      const { world } = await parts;
      if (!place.offsetParent) return seen.observe(place); // out of sight again: it has no size
      if (features.length) draw(place, features, world);
      const count = numbers.format(features.length);
      status.textContent = `${count} ${features.length === 1 ? "point" : "points"}.`;
    } catch (error) {
      status.textContent = `There is no map: ${error.message}`;
    }
  }

  function draw(place, features, world) {
    const canvas = element("div", "", "map-canvas");
    canvas.setAttribute("role", "region");
    canvas.setAttribute("aria-label", place.dataset.label || "Map");
    place.prepend(canvas);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(canvas, {
      minZoom: 0,
      maxZoom: 14,
      zoomSnap: 0.5,
      maxBounds: [[-86, -220], [86, 220]],
      scrollWheelZoom: false, // the wheel scrolls the page until the map is chosen
      zoomAnimation: !calm,
      fadeAnimation: !calm,
      markerZoomAnimation: !calm,
    });
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    map.attributionControl.setPrefix("").addAttribution("Natural Earth, US Census Bureau · Leaflet");
    drawPoints(map, features, calm);
    drawWorld(map, world);
  }

  function isPoint(feature) {
    const { type, coordinates } = feature.geometry ?? {};
    return type === "Point" && coordinates.slice(0, 2).every(Number.isFinite);
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      show(target);
    }
  });

  /** Watch the maps below an element. */
  function watch(within) {
    for (const place of within.querySelectorAll(".map[data-geojson]")) seen.observe(place);
  }

  // Scripts that put maps out of sight, behind tabs, have run by then.
  document.addEventListener("DOMContentLoaded", () => watch(document));
  return { ask, element, watch, LONGEST_ADDRESS };
})();
