//! The workbook that goes to leadership and comes back (`workbook.md`).
