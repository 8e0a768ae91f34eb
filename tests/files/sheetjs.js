// Makes the workbooks of this folder: `npm install xlsx@0.18.5 && node sheetjs.js`.
const X = require("xlsx");
const day = (y, m, d) => (Date.UTC(y, m - 1, d) - Date.UTC(1899, 11, 30)) / 86400000;

function book(date1904) {
  const shift = date1904 ? 1462 : 0;
  const rows = [["maille", "code", "caché", "date", "valeur"]];
  const sheet = X.utils.aoa_to_sheet(rows);
  const cells = [
    { t: "n", v: 7.2 }, // 2: as it is
    { t: "n", v: 0.075, z: "0.0%" }, // 3: 7,5 %
    { t: "e", v: 7 }, // 4: #DIV/0!
    { t: "e", v: 42 }, // 5: #N/A
    { t: "n", v: 12345, z: "#,##0," }, // 6: in thousands
    { t: "n", v: 0.07, z: "0.00%" }, // 7: 7 %
    { t: "n", v: 12, z: '0"%"' }, // 8: a quoted sign
    { t: "n", v: -0.5, z: "0.0;-0.0%" }, // 9: a percentage where it is negative
    { t: "b", v: true }, // 10
    { t: "n", v: 1.25 }, // 11: in a hidden row
    { t: "n", v: 123456789 }, // 12
    { t: "n", v: 33.33 }, // 13
  ];
  cells.forEach((cell, i) => {
    const r = i + 1;
    sheet[X.utils.encode_cell({ r, c: 0 })] = { t: "s", v: "nationale" };
    sheet[X.utils.encode_cell({ r, c: 1 })] = { t: "s", v: "FR" };
    sheet[X.utils.encode_cell({ r, c: 2 })] = { t: "n", v: r };
    sheet[X.utils.encode_cell({ r, c: 3 })] = { t: "n", v: day(2021, i + 1, 28) - shift, z: "yyyy-mm-dd" };
    sheet[X.utils.encode_cell({ r, c: 4 })] = cell;
  });
  sheet["!ref"] = "A1:E13";
  sheet["!rows"] = [];
  sheet["!rows"][10] = { hidden: true, hpt: 15 };
  sheet["!cols"] = [{ wch: 10 }, { wch: 10 }, { hidden: true, wch: 10 }];
  const wb = X.utils.book_new();
  X.utils.book_append_sheet(wb, X.utils.aoa_to_sheet([["brouillon"], [1]]), "Brouillon");
  X.utils.book_append_sheet(wb, sheet, "Données");
  wb.Workbook = { Sheets: [{ name: "Brouillon", Hidden: 1 }, { name: "Données", Hidden: 0 }], WBProps: { date1904 } };
  return wb;
}

for (const type of ["xlsb", "xls", "ods", "xlsx"]) X.writeFile(book(false), `sheetjs.${type}`, { compression: true });
for (const type of ["xls", "xlsx"]) X.writeFile(book(true), `sheetjs-1904.${type}`, { compression: true });
