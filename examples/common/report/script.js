"use strict";
(function () {
  var data = JSON.parse(document.getElementById("data").textContent);
  var group = function (n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ","); };

  // Numbers of few bits, the highest bit first.
  function Reader(base64) {
    var text = atob(base64), at = 0;
    this.next = function (width) {
      var n = 0;
      while (width > 0) {
        var left = 8 - at % 8, take = Math.min(left, width);
        var byte = text.charCodeAt(at >> 3);
        n = n * Math.pow(2, take) + (byte >> left - take & (1 << take) - 1);
        at += take;
        width -= take;
      }
      return n;
    };
  }

  function once(make) {
    var value, made = false;
    return function () {
      if (!made) { value = make(); made = true; }
      return value;
    };
  }

  // Tables of a plan: whole, or what changed since an older one. `rows()[p]` are numbers of nodes.
  var tables = (data.tables || []).map(function (table) {
    return {
      partitions: table.partitions,
      rows: once(function () {
        var in_ = new Reader(table.bits), rows, p, n;
        var row = function () {
          var size = table.row || in_.next(7), out = [];
          while (out.length < size) { out.push(in_.next(table.node)); }
          return out;
        };
        if (table.old === null) {
          rows = [];
          for (p = 0; p < table.partitions; p++) { rows.push(row()); }
          return rows;
        }
        var old = tables[table.old], ways = table.partitions / old.partitions;
        rows = [];
        for (p = 0; p < table.partitions; p++) { rows.push(old.rows()[Math.floor(p / ways)]); }
        for (p = -1, n = 0; n < table.changed; n++) {
          p += 1 + in_.next(table.gap);
          rows[p] = rows[p].map(function (node) { return in_.next(1) ? in_.next(table.node) : node; });
        }
        return rows;
      })
    };
  });

  var transfers = (data.steps || []).map(function (step) {
    return once(function () {
      var t = step.transfers, in_ = new Reader(t.bits), out = [];
      t.rounds.forEach(function (size) {
        var round = [];
        for (var n = 0; n < size; n++) {
          round.push([in_.next(t.unit), in_.next(t.node) - 1, in_.next(t.node) - 1]);
        }
        out.push(round);
      });
      return out;
    });
  });

  // The units of transfers: ranges of hashes, or partitions, which tables number one after the other.
  var joint = data.kind === "plan" && data.steps.some(function (step) { return step.tables.length > 1; });
  function place(step, unit) {
    var at = 0;
    while (unit >= step.tables[at].partitions) { unit -= step.tables[at].partitions; at += 1; }
    return joint ? [step.tables[at].name, unit] : [unit];
  }
  function unit(step, n) {
    if (data.kind !== "plan") { return "range " + group(n); }
    var at = place(step, n);
    return joint ? "partition " + group(at[1]) + " of \u0001" + at[0] + "\u0001" : "partition " + group(at[0]);
  }

  var name = function (node) { return node < 0 ? "–" : data.nodes[node]; };
  // Names that are shown are isolated: one that is read from right to left turns nothing round it.
  // The marks are those of this script alone, so that nobody copies them with a name.
  var isolated = function (node) { return node < 0 ? "–" : "\u0001" + name(node) + "\u0001"; };
  var names = function (row) { return row.map(isolated).join(", ") || "none"; };
  function put(element, text) {
    element.replaceChildren.apply(element, text.split("\u0001").map(function (part, i) {
      if (i % 2 === 0) { return part; }
      var bdi = document.createElement("bdi");
      bdi.textContent = part;
      return bdi;
    }));
  }

  // The sliders.
  document.querySelectorAll(".slider").forEach(function (slider) {
    var input = slider.querySelector("input"), output = slider.querySelector("output");
    var cursor = slider.parentNode.querySelector(".cursor");
    var step = data.steps[Number(slider.dataset.part)], rounds = transfers[Number(slider.dataset.part)];
    if (step.transfers.left_out) { return; }
    function show() {
      var at = Number(input.value), list = rounds(), done = 0, all = 0;
      list.forEach(function (round, i) {
        all += round.length;
        if (i < at) { done += round.length; }
      });
      var text = "Round " + group(at) + " of " + group(list.length) + ": " + group(done) + " of " +
        group(all) + " transfers are complete.";
      if (at > 0) {
        var round = list[at - 1], shown = round.slice(0, 8).map(function (t) {
          return unit(step, t[0]) + ": " + isolated(t[1]) + " → " + isolated(t[2]);
        });
        text += "\nIn this round: " + shown.join(" · ") +
          (round.length > 8 ? " · and " + group(round.length - 8) + " more" : "");
      } else {
        text += "\nNothing is copied yet.";
      }
      put(output, text);
      input.setAttribute("aria-valuetext", "round " + at + " of " + list.length);
      cursor.toggleAttribute("hidden", at === 0);
      if (at > 0) {
        var column = Math.floor((at - 1) / Number(cursor.dataset.per));
        cursor.setAttribute("x", Number(cursor.dataset.left) + column * Number(cursor.dataset.wide));
      }
    }
    input.addEventListener("input", show);
    slider.hidden = false;
    // Only who opens a step needs its transfers.
    var part = slider.closest("details.part");
    if (!part || part.open) { show(); } else { part.addEventListener("toggle", show, { once: true }); }
  });

  // The explain box.
  var ask = document.getElementById("ask"), answer = document.getElementById("answer");
  function list(entries) {
    var dl = document.createElement("dl");
    entries.forEach(function (entry) {
      var dt = document.createElement("dt");
      dt.textContent = entry[0];
      dl.appendChild(dt);
      entry[1].forEach(function (line) {
        var dd = document.createElement("dd");
        put(dd, line);
        dl.appendChild(dd);
      });
    });
    answer.replaceChildren(dl);
  }
  function refuse(text) {
    ask.querySelector("input").setAttribute("aria-invalid", "true");
    var p = document.createElement("p");
    p.textContent = text;
    answer.replaceChildren(p);
  }
  function explainPartition(text, of) {
    var last = data.steps[data.steps.length - 1].tables[of];
    if (!/^\d+$/.test(text) || Number(text) >= last.partitions) {
      refuse("Enter a whole number from 0 to " + group(last.partitions - 1) + ".");
      return;
    }
    list(data.steps.map(function (step) {
      var table = step.tables[of];
      var p = Math.floor(Number(text) * table.partitions / last.partitions);
      var after = tables[table.table], lines = [];
      var head = step.label + ": partition " + group(p) + " of " + group(table.partitions);
      if (!after) { return [head, ["The holders of this step are not in the file: it would be too large."]]; }
      var row = after.rows()[p];
      if (step.fresh) {
        lines.push("holders: " + names(row) + " (a fresh table)");
      } else if (table.before === null) {
        lines.push("after: " + names(row), "The table before is not in the file: it would be too large.");
      } else {
        var before = tables[table.before];
        var old = before.rows()[Math.floor(p * before.partitions / table.partitions)];
        lines.push("before: " + names(old), "after: " + names(row));
        var left = old.filter(function (node) { return row.indexOf(node) < 0; });
        var come = row.filter(function (node) { return old.indexOf(node) < 0; });
        if (left.length + come.length === 0) {
          lines.push(String(old) === String(row) ? "Every replica stays." : "Every replica stays; their order changes.");
        } else {
          lines.push("leaves: " + names(left) + "; arrives: " + names(come));
        }
      }
      var why = table.why[p];
      if (why) { lines = lines.concat(why); }
      else if (lines.length === 3 && lines[2].indexOf("leaves") === 0) {
        lines.push("The reasons of this partition are not in the file" +
          (joint ? "." : ": run plan with --explain " + p + "."));
      }
      return [head, lines];
    }));
  }
  function explainKey(text) {
    var key = data.keys.find(function (key) { return key[0] === text; });
    if (!key) {
      refuse("This key is not in the file. It has the keys that the box offers while you type: " +
        group(data.keys.length) + " of them." + (data.routes ? " These commands say where the key goes:" : ""));
      if (data.routes) { route(text); }
      return;
    }
    list(data.algorithms.map(function (algorithm, i) {
      var ends = key[1][i];
      if (!ends) { return [algorithm, ["cannot make this change"]]; }
      var before = names(ends[0]), after = names(ends[1]);
      return [algorithm, before === after ? ["stays on " + before] : ["moves from " + before + " to " + after]];
    }));
  }
  // Commands that place a key: an algorithm whose answers depend on the order of changes has none after.
  function route(text) {
    var quoted = "'" + text.replace(/'/g, "'\\''") + "'", commands = [];
    data.routes.algorithms.forEach(function (algorithm, i) {
      if (!algorithm) { return; }
      ["before", "after"].forEach(function (side) {
        if (side === "after" && !algorithm[1]) { return; }
        commands.push("# " + data.algorithms[i] + ", " + side, "printf '%s\\n' " + quoted + " | route " + algorithm[0] + data.routes[side]);
      });
    });
    var pre = document.createElement("pre"), code = document.createElement("code");
    code.textContent = commands.join("\n");
    pre.tabIndex = 0;
    pre.setAttribute("aria-label", "Commands");
    pre.appendChild(code);
    answer.appendChild(pre);
  }
  if (ask) {
    ask.hidden = false;
    var choice = document.getElementById("ask-table");
    if (choice) {
      choice.addEventListener("change", function () {
        var last = data.steps[data.steps.length - 1].tables[choice.selectedIndex];
        ask.querySelector("input").max = last.partitions - 1;
      });
    }
    var offers = document.getElementById("keys");
    if (offers) {
      data.keys.forEach(function (key) {
        var option = document.createElement("option");
        option.value = key[0];
        offers.appendChild(option);
      });
    }
    ask.addEventListener("submit", function (event) {
      event.preventDefault();
      ask.querySelector("input").removeAttribute("aria-invalid");
      var text = ask.querySelector("input").value;
      if (data.kind === "plan") { explainPartition(text.trim(), choice ? choice.selectedIndex : 0); } else { explainKey(text); }
    });
  }

  // Files made on demand.
  function csv(cell) {
    // What a spreadsheet would take for a formula.
    var text = /^[=+\-@\t\r]/.test(cell) ? "'" + cell : String(cell);
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function lines(rows) { return rows.map(function (row) { return row.map(csv).join(","); }).join("\n") + "\n"; }
  var heads = joint ? ["table", "partition"] : ["partition"];
  var files = {
    moves: function (i) {
      var step = data.steps[i], rows = [["round"].concat(heads, "from", "to")];
      transfers[i]().forEach(function (round, at) {
        round.forEach(function (t) {
          rows.push([at + 1].concat(place(step, t[0]), t[1] < 0 ? "" : name(t[1]), name(t[2])));
        });
      });
      return lines(rows);
    },
    undo: function (i) {
      var step = data.steps[i], rows = [heads.concat("action", "node", "source")];
      step.tables.forEach(function (table) {
        var before = tables[table.before], after = tables[table.table];
        after.rows().forEach(function (row, p) {
          var old = before.rows()[Math.floor(p * before.partitions / table.partitions)];
          if (old === row) { return; }
          var add = function (action, node, source) {
            rows.push((joint ? [table.name, p] : [p]).concat(action, name(node), source));
          };
          old.forEach(function (node) {
            if (row.indexOf(node) < 0) {
              var lost = step.lost.indexOf(node) >= 0;
              add(lost ? "lost" : "copy back", node, lost || !row.length ? "" : name(row[0]));
            }
          });
          row.forEach(function (node) { if (old.indexOf(node) < 0) { add("delete", node, ""); } });
          if (old[0] !== row[0]) { add("lead", old[0], ""); }
        });
      });
      return lines(rows);
    }
  };
  document.querySelectorAll("button[data-file]").forEach(function (button) {
    var step = data.steps[Number(button.dataset.part)];
    var left_out = button.dataset.file === "moves" ? step.transfers.left_out :
      step.tables.some(function (table) { return table.before === null || table.table === null; });
    if (left_out) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var text = files[button.dataset.file](Number(button.dataset.part));
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = button.dataset.name;
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
  });

  // Only what scrolls is a stop for the keyboard: without script everything that may scroll is one.
  function stops() {
    document.querySelectorAll(".scroll, pre").forEach(function (area) {
      if (area.scrollWidth > area.clientWidth) { area.tabIndex = 0; } else { area.removeAttribute("tabindex"); }
    });
  }
  addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();
})();
