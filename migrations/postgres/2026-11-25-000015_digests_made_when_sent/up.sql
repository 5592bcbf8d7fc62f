-- A digest is made each time that it is sent: what is kept of it is of what, and of which day.
UPDATE webhook_deliveries SET body = json_build_object(
  'municipality_id', body::json #> '{data,municipality,id}',
  'day', body::json #> '{data,day}',
  'left_out_from', body::json #> '{data,left_out_from}'
)::text WHERE type = 'digest.daily';
