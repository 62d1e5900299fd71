drop schema reporting cascade;
drop type calendar_unit;
