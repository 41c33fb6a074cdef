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

  // Tables of a plan: the first one whole, then what changed. `rows()[p]` are numbers of nodes.
  var tables = (data.tables || []).map(function (table, i) {
    return {
      partitions: table.partitions,
      rows: once(function () {
        var in_ = new Reader(table.bits), rows, p, n;
        var row = function () {
          var size = table.row || in_.next(7), out = [];
          while (out.length < size) { out.push(in_.next(table.node)); }
          return out;
        };
        if (table.whole) {
          rows = [];
          for (p = 0; p < table.partitions; p++) { rows.push(row()); }
          return rows;
        }
        var old = tables[i - 1], ways = table.partitions / old.partitions;
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
          round.push([in_.next(t.partition), in_.next(t.node) - 1, in_.next(t.node) - 1]);
        }
        out.push(round);
      });
      return out;
    });
  });

  var name = function (node) { return node < 0 ? "–" : data.nodes[node]; };
  var names = function (row) { return row.map(name).join(", ") || "none"; };

  // The sliders.
  document.querySelectorAll(".slider").forEach(function (slider) {
    var input = slider.querySelector("input"), output = slider.querySelector("output");
    var cursor = slider.parentNode.querySelector(".cursor");
    var rounds = transfers[Number(slider.dataset.part)];
    if (data.steps[Number(slider.dataset.part)].transfers.left_out) { return; }
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
          return (data.unit || "partition") + " " + group(t[0]) + ": " + name(t[1]) + " → " + name(t[2]);
        });
        text += "\nIn this round: " + shown.join(" · ") +
          (round.length > 8 ? " · and " + group(round.length - 8) + " more" : "");
      } else {
        text += "\nNothing is copied yet.";
      }
      output.textContent = text;
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
        dd.textContent = line;
        dl.appendChild(dd);
      });
    });
    answer.replaceChildren(dl);
  }
  function say(text) {
    var p = document.createElement("p");
    p.textContent = text;
    answer.replaceChildren(p);
  }
  function explainPartition(text) {
    var last = data.steps[data.steps.length - 1];
    if (!/^\d+$/.test(text) || Number(text) >= last.partitions) {
      say("Enter a whole number from 0 to " + group(last.partitions - 1) + ".");
      return;
    }
    list(data.steps.map(function (step) {
      var p = Math.floor(Number(text) * step.partitions / last.partitions);
      var after = tables[step.table], lines = [];
      var head = step.label + ": partition " + group(p) + " of " + group(step.partitions);
      if (!after) { return [head, ["The holders of this step are not in the file: it would be too large."]]; }
      var row = after.rows()[p];
      if (step.fresh) {
        lines.push("holders: " + names(row) + " (a fresh table)");
      } else if (step.before === null) {
        lines.push("after: " + names(row), "The table before is not in the file: it would be too large.");
      } else {
        var before = tables[step.before];
        var old = before.rows()[Math.floor(p * before.partitions / step.partitions)];
        lines.push("before: " + names(old), "after: " + names(row));
        var left = old.filter(function (node) { return row.indexOf(node) < 0; });
        var come = row.filter(function (node) { return old.indexOf(node) < 0; });
        if (left.length + come.length === 0) {
          lines.push(String(old) === String(row) ? "Every replica stays." : "Every replica stays; their order changes.");
        } else {
          lines.push("leaves: " + names(left) + "; arrives: " + names(come));
        }
      }
      var why = step.why[p];
      if (why) { lines = lines.concat(why); }
      else if (lines.length === 3 && lines[2].indexOf("leaves") === 0) {
        lines.push("The reasons of this partition are not in the file: run plan with --explain " + p + ".");
      }
      return [head, lines];
    }));
  }
  function explainKey(text) {
    var key = data.keys.find(function (key) { return key[0] === text; });
    if (!key) {
      say("This key is not in the file. It has the keys that the box offers while you type: a sample of " +
        group(data.keys.length) + ".");
      return;
    }
    list(data.algorithms.map(function (algorithm, i) {
      var ends = key[1][i];
      if (!ends) { return [algorithm, ["cannot make this change"]]; }
      var before = names(ends[0]), after = names(ends[1]);
      return [algorithm, before === after ? ["stays on " + before] : ["moves from " + before + " to " + after]];
    }));
  }
  if (ask) {
    ask.hidden = false;
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
      var text = ask.querySelector("input").value;
      if (data.kind === "plan") { explainPartition(text.trim()); } else { explainKey(text); }
    });
  }

  // Files made on demand.
  function csv(cell) { return /[",\n\r]/.test(cell) ? '"' + String(cell).replace(/"/g, '""') + '"' : String(cell); }
  function lines(rows) { return rows.map(function (row) { return row.map(csv).join(","); }).join("\n") + "\n"; }
  var files = {
    moves: function (i) {
      var rows = [["round", "partition", "from", "to"]];
      transfers[i]().forEach(function (round, at) {
        round.forEach(function (t) { rows.push([at + 1, t[0], t[1] < 0 ? "" : name(t[1]), name(t[2])]); });
      });
      return lines(rows);
    },
    undo: function (i) {
      var step = data.steps[i], before = tables[step.before], after = tables[step.table];
      var rows = [["partition", "action", "node", "source"]];
      after.rows().forEach(function (row, p) {
        var old = before.rows()[Math.floor(p * before.partitions / step.partitions)];
        if (old === row) { return; }
        old.forEach(function (node) {
          if (row.indexOf(node) < 0) {
            var lost = step.lost.indexOf(node) >= 0;
            rows.push([p, lost ? "lost" : "copy back", name(node), lost || !row.length ? "" : name(row[0])]);
          }
        });
        row.forEach(function (node) { if (old.indexOf(node) < 0) { rows.push([p, "delete", name(node), ""]); } });
        if (old[0] !== row[0]) { rows.push([p, "lead", name(old[0]), ""]); }
      });
      return lines(rows);
    }
  };
  document.querySelectorAll("button[data-file]").forEach(function (button) {
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
})();
