"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const color = name => `var(--${name})`;

// A frame with axes: width and height are those of the viewBox, so that it scales with its card.
function frame(id, { width = 560, height = 300, left = 52, right = 14, top = 12, bottom = 42, x, y, xLabel, yLabel, xTicks = 7, yTicks = 6, xFormat, yFormat }) {
  const svg = d3.select("#" + id).append("svg").attr("viewBox", `0 0 ${width} ${height}`).classed("wide", width > 600).attr("role", "img").attr("aria-label", (yLabel || "") + " by " + (xLabel || ""));
  x.range([left, width - right]);
  y.range([height - bottom, top]);
  const yAxis = d3.axisLeft(y).ticks(yTicks, yFormat).tickSizeOuter(0);
  if (!y.bandwidth) svg.append("g").attr("class", "grid").attr("transform", `translate(${left},0)`).call(d3.axisLeft(y).ticks(yTicks).tickSize(-(width - left - right)).tickFormat(""));
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - bottom})`).call(d3.axisBottom(x).ticks(xTicks, xFormat).tickSizeOuter(0));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${left},0)`).call(y.bandwidth ? d3.axisLeft(y).tickSize(0).tickPadding(8) : yAxis).call(g => g.select(".domain").remove());
  if (xLabel) svg.append("text").attr("class", "label").attr("x", (left + width - right) / 2).attr("y", height - 6).attr("text-anchor", "middle").text(xLabel);
  if (yLabel) svg.append("text").attr("class", "label").attr("transform", `translate(12,${(height - bottom + top) / 2}) rotate(-90)`).attr("text-anchor", "middle").text(yLabel);
  return svg;
}

function legend(id, entries) {
  const box = d3.select("#" + id).append("div").attr("class", "legend");
  for (const [name, tone] of entries) { const s = box.append("span"); s.append("i").style("background", color(tone)); s.append("span").text(name); }
}

const line = (svg, points, x, y, tone, width = 1.8) => svg.append("path").attr("fill", "none").attr("stroke", color(tone)).attr("stroke-width", width).attr("stroke-linejoin", "round").attr("d", d3.line().x(p => x(p[0])).y(p => y(p[1]))(points));

function operations() {
  const rows = data.operations.rows;
  const names = rows.map(r => r.name);
  const x = d3.scaleLog().domain([0.1, 1000]);
  const y = d3.scaleBand().domain(names).padding(0.3);
  const svg = frame("operations", { width: 900, height: 300, left: 158, x, y: flip(y), xLabel: "microseconds, CPU time", xTicks: 5, xFormat: "~g" });
  const h = y.bandwidth() / 3;
  for (const r of rows) {
    const bars = [["ours", r.us.mean], ["paper", r.paper_us], ["third", r.secp256k1_in_c_us]];
    bars.forEach(([tone, v], i) => {
      if (!v) return;
      svg.append("rect").attr("x", x(0.1)).attr("width", Math.max(1, x(v) - x(0.1))).attr("y", y(r.name) + i * h).attr("height", h - 1.5).attr("rx", 2).attr("fill", color(tone));
      svg.append("text").attr("x", x(v) + 5).attr("y", y(r.name) + i * h + h / 2 + 3.5).style("font-size", "10.5px").text(d3.format(v < 10 ? ".2f" : ".1f")(v));
    });
  }
  legend("operations", [["ours", "ours"], ["the paper, 2014", "paper"], ["its curve operations alone, libsecp256k1 in C, same run", "third"]]);
}
// Bands from the top down, whatever direction the frame gives them.
function flip(band) { const range = band.range; band.range = v => v === undefined ? range.call(band) : range.call(band, [Math.min(...v), Math.max(...v)]) && band; return band; }

function latency() {
  const arms = [["base", "third"], ["ask", "paper"], ["buy", "ours"]];
  const max = d3.max(arms, ([a]) => d3.quantile(data.web[a].cdf.map(p => p[0]), 0.98));
  const x = d3.scaleLinear().domain([0, max]).nice(), y = d3.scaleLinear().domain([0, 1]);
  const svg = frame("latency", { x, y, xLabel: "milliseconds, 20 requests at a time", yFormat: "%" });
  for (const [arm, tone] of arms) line(svg, data.web[arm].cdf.filter(p => p[0] <= x.domain()[1]), x, y, tone);
  legend("latency", arms.map(([a, t]) => ["/" + a, t]));
}

function cpu() {
  const arms = [["base", "third", "/base"], ["ask", "paper", "/ask"], ["buy", "ours", "/buy"], ["buy_first", "ours", "/buy, first time"]];
  const values = arms.map(([a, tone, name]) => ({ name, tone, v: data.web[a].server_cpu_us.mean, m: data.web[a].server_cpu_us.margin }));
  const x = d3.scaleBand().domain(values.map(v => v.name)).padding(0.45);
  const y = d3.scaleLinear().domain([0, d3.max(values, v => v.v + v.m) * 1.12]).nice();
  const svg = frame("cpu", { x, y });
  for (const v of values) {
    const middle = x(v.name) + x.bandwidth() / 2;
    svg.append("rect").attr("x", x(v.name)).attr("width", x.bandwidth()).attr("y", y(v.v)).attr("height", y(0) - y(v.v)).attr("rx", 3).attr("fill", color(v.tone));
    svg.append("path").attr("stroke", color("ink")).attr("d", `M${middle},${y(Math.max(0, v.v - v.m))}V${y(v.v + v.m)}`);
    svg.append("text").attr("x", middle).attr("y", y(v.v + v.m) - 6).attr("text-anchor", "middle").text(d3.format(".1f")(v.v));
  }
}

function pagecosts() {
  const c = data.page_costs, ms = v => v / 1000;
  const x = d3.scaleLog().domain([0.008, 4]), y = d3.scaleLinear().domain([0, 1]);
  const svg = frame("pagecosts", { width: 900, height: 320, x, y, xLabel: "milliseconds of CPU that the free page costs, logarithmic", xTicks: 5, xFormat: "~g", yFormat: ".1f", yTicks: 10 });
  const steps = d3.range(0, 1.0001, 0.01).map(t => 0.008 * Math.pow(500, t));
  const share = ticket => steps.map(p => [p, p / (p + ms(ticket))]);
  const [left, right] = x.range(), [bottom, top] = y.range();
  svg.append("rect").attr("x", left).attr("width", right - left).attr("y", y(1)).attr("height", y(c.within) - y(1)).attr("fill", color("fill"));
  line(svg, share(c.first_ticket_us), x, y, "soft", 1.2).attr("stroke-dasharray", "4 3");
  line(svg, share(c.ticket_us), x, y, "ours");
  const mark = (at, tone, text, side) => {
    svg.append("path").attr("d", `M${x(at)},${bottom}V${top}`).attr("stroke", color(tone)).attr("stroke-dasharray", "4 3");
    svg.append("text").attr("x", x(at) + (side === "end" ? -6 : 6)).attr("y", bottom - 12).attr("text-anchor", side).text(text);
  };
  mark(ms(c.within_from_us), "third", `0.9 from ${d3.format(".2f")(ms(c.within_from_us))} ms on`, "start");
  mark(ms(c.paper_page_us), "paper", "the paper's 1.87 ms", "end");
  svg.append("text").attr("x", left + 6).attr("y", y(c.within) - 6).text("within 10 %");
  // Dearer pages lie close together at the top: each one's name hangs a line lower.
  c.pages.forEach((p, i) => {
    const px = x(ms(p.page_us)), v = p.share.mean, m = p.share.margin, hang = i === 0 ? 24 : 64 + 24 * i;
    if (i > 0) svg.append("path").attr("d", `M${px},${y(v) + 7}V${y(1) + hang - 12}`).attr("stroke", color("soft")).attr("stroke-width", 0.7);
    svg.append("path").attr("stroke", color("ink")).attr("d", `M${px},${y(Math.max(0, v - m))}V${y(Math.min(1, v + m))}`);
    svg.append("circle").attr("cx", px).attr("cy", y(v)).attr("r", 4.5).attr("fill", color("ours")).attr("stroke", color("card")).attr("stroke-width", 1.5);
    svg.append("text").attr("x", i === 0 ? px + 20 : px).attr("y", i === 0 ? y(v) + hang : y(1) + hang).attr("text-anchor", i === 0 ? "start" : "middle").style("fill", color("ink")).text(`${p.name}: ${d3.format(".3f")(v)}`);
  });
  legend("pagecosts", [[`page / (page + ${d3.format(".1f")(c.ticket_us)} μs), buyers who come back`, "ours"], [`the same with ${d3.format(".1f")(c.first_ticket_us)} μs, first purchases`, "soft"]]);
}

function network() {
  const c = data.network.control_ms, e = data.network.experiment_ms;
  const low = Math.min(d3.quantile(c, 0.001), d3.quantile(e, 0.001)), high = Math.max(d3.quantile(c, 0.995), d3.quantile(e, 0.995));
  const x = d3.scaleLinear().domain([Math.floor(low / 5) * 5, Math.ceil(high / 5) * 5]);
  const bin = d3.bin().domain(x.domain()).thresholds(x.ticks(48));
  const bc = bin(c), be = bin(e);
  const y = d3.scaleLinear().domain([0, d3.max([...bc.map(b => b.length / c.length), ...be.map(b => b.length / e.length)])]).nice();
  const svg = frame("network", { width: 900, height: 310, x, y, xLabel: "milliseconds", xTicks: 12, yFormat: ".0%", yLabel: "share of samples" });
  for (const [bins, n, tone, fill] of [[bc, c.length, "paper", "fill2"], [be, e.length, "ours", "fill"]])
    svg.append("g").selectAll("rect").data(bins).join("rect").attr("x", b => x(b.x0) + 0.5).attr("width", b => Math.max(0, x(b.x1) - x(b.x0) - 1)).attr("y", b => y(b.length / n)).attr("height", b => y(0) - y(b.length / n)).attr("fill", color(fill)).attr("stroke", color(tone)).attr("stroke-width", 1);
  for (const [v, tone] of [[d3.median(c), "paper"], [d3.median(e), "ours"]])
    svg.append("path").attr("d", `M${x(v)},${y(0)}V${y.range()[1]}`).attr("stroke", color(tone)).attr("stroke-dasharray", "4 3");
  legend("network", [[`ask and /base, median ${d3.format(".1f")(d3.median(c))} ms`, "paper"], [`ask, ticket and /buy, median ${d3.format(".1f")(d3.median(e))} ms`, "ours"]]);
}

function curve(i) {
  const { odds, points, simulated } = data.curves[i];
  const x = d3.scaleLinear().domain([0, points[points.length - 1].tickets]), y = d3.scaleLinear().domain([0, 0.5]);
  const svg = frame("curve" + i, { x, y, xLabel: "payments", xTicks: 6, xFormat: "~s", yFormat: ".0%" });
  const clip = points.filter(p => p.tickets >= 2 * odds);
  for (const [key, tone] of [["below90", "paper"], ["below80", "ours"]]) {
    line(svg, clip.filter(p => p[key] <= 0.5).map(p => [p.tickets, p[key]]), x, y, tone, 1.3);
    for (const s of simulated) {
      const p = s[key] / s.trials, m = 1.96 * Math.sqrt(p * (1 - p) / s.trials);
      svg.append("path").attr("stroke", color(tone)).attr("d", `M${x(s.tickets)},${y(Math.max(0, p - m))}V${y(p + m)}`);
      svg.append("circle").attr("cx", x(s.tickets)).attr("cy", y(p)).attr("r", 3.6).attr("fill", color("card")).attr("stroke", color(tone)).attr("stroke-width", 1.6);
    }
  }
  svg.append("path").attr("d", `M${x.range()[0]},${y(0.02)}H${x.range()[1]}`).attr("stroke", color("soft")).attr("stroke-dasharray", "2 4");
  svg.append("text").attr("x", x.range()[1]).attr("y", y(0.02) - 5).attr("text-anchor", "end").text("2 %");
  legend("curve" + i, [["below 90 % of the expected", "paper"], ["below 80 %", "ours"]]);
}

function bands() {
  const all = [[data.curves[1], "paper", "fill2"], [data.curves[0], "ours", "fill"]];
  const x = d3.scaleLog().domain([1000, 240000]), y = d3.scaleLinear().domain([0, 2.5]);
  const svg = frame("bands", { width: 900, height: 300, x, y, xLabel: "payments, logarithmic", xFormat: "~s", xTicks: 6, yFormat: ".0%" });
  for (const [c, tone, fill] of all) {
    const points = c.points.filter(p => p.tickets >= 1000);
    svg.append("path").attr("fill", color(fill)).attr("d", d3.area().x(p => x(p.tickets)).y0(p => y(p.low)).y1(p => y(Math.min(2.5, p.high)))(points));
    line(svg, points.map(p => [p.tickets, p.low]), x, y, tone, 1.2);
    line(svg, points.map(p => [p.tickets, Math.min(2.5, p.high)]), x, y, tone, 1.2);
  }
  svg.append("path").attr("d", `M${x.range()[0]},${y(1)}H${x.range()[1]}`).attr("stroke", color("soft")).attr("stroke-dasharray", "4 3");
  legend("bands", [["odds 1/128", "ours"], ["odds 1/512", "paper"]]);
}

function prices(i) {
  const bars = data.prices[i].bars;
  const step = bars[1].price - bars[0].price;
  const x = d3.scaleLinear().domain([Math.max(0, bars[0].price - step), bars[bars.length - 1].price + step]);
  const y = d3.scaleLinear().domain([0, d3.max(bars, b => b.probability)]).nice();
  const svg = frame("prices" + i, { x, y, xLabel: "average price of a payment, in X", yFormat: "~%" });
  svg.append("g").selectAll("rect").data(bars).join("rect").attr("x", b => x(b.price - step / 2) + 0.4).attr("width", Math.max(0.6, x(step) - x(0) - 0.8)).attr("y", b => y(b.probability)).attr("height", b => y(0) - y(b.probability)).attr("fill", b => color(b.price >= 0.7 && b.price <= 1.33 ? "ours" : "paper")).append("title").text(b => `${b.wins} wins: ${d3.format(".2f")(b.price)} X, ${d3.format(".2%")(b.probability)}`);
  legend("prices" + i, [["0.7 X to 1.33 X", "ours"], ["beyond", "paper"]]);
}

operations(); latency(); cpu(); pagecosts(); network(); curve(0); curve(1); bands(); prices(0); prices(1);
