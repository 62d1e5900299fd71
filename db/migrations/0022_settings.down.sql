drop table user_settings;
drop function check_user_settings();
drop table setting_history;
drop table settings;
drop function keep_setting_history();
drop function is_setting_value(jsonb);
drop function is_setting_key(text);
