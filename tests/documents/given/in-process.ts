import { DatabaseSync } from "node:sqlite";

// The application's own table, in the file that it shares with Weft.
const database = new DatabaseSync("./app.db");
database.exec("create table shelf (id integer primary key, name text); insert into shelf values (42, 'Books')");
database.close();
